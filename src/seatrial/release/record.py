"""The file of a release: what was pushed, under which digests, and where its tags were before.

While a release is under way it is the note of what has been done; at the end it says ``complete``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seatrial.host.files import write_atomically
from seatrial.release.plan import Action, ImagePlan, ReleasePlan
from seatrial.release.proof import Proof

FORMAT = 1
FOLDER = "releases"


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image of a release; ``digest`` is empty as long as it is not in the registry.

    ``before`` are the digests that tags had which were moved to it, and the version that it took
    over; empty for tags that were not there.
    """

    plan: ImagePlan
    digest: str = ""
    attested: bool = False
    before: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """Return the name by which exactly this image is pulled."""
        return f"{self.plan.image.repository}@{self.digest}"


@dataclass(frozen=True, slots=True)
class Record:
    """A release as far as it has come; ``images`` by their names."""

    plan: ReleasePlan
    proof: Proof
    images: Mapping[str, Pushed] = field(default_factory=dict)
    complete: bool = False

    def having(self, pushed: Pushed) -> Record:
        """Return the record with one image more, or one that is known better."""
        return replace(self, images={**self.images, pushed.plan.image.name: pushed})

    def there(self, one: ImagePlan, digest: str, *, attested: bool) -> Record:
        """Return the record of a time when ``one`` is in the registry, as ``digest``."""
        known = self.images[one.image.name]
        return self.having(replace(known, digest=digest, attested=attested))


def file_of(folder: Path, plan: ReleasePlan, image: str = "") -> Path:
    """Return where the record of a release, or of one ``image`` of it, lies in ``folder``."""
    words = (plan.asked.tag.name.replace("/", "_"), image)
    return folder / FOLDER / f"{'.'.join(filter(None, words))}.json"


def document(record: Record) -> dict[str, Any]:
    """Return the file's content."""
    asked = record.plan.asked
    return {
        "v": FORMAT,
        "kind": "release",
        "tag": asked.tag.name,
        "version": str(asked.tag.version),
        "prerelease": not asked.tag.version.stable,
        "service": asked.tag.service,
        "commit": asked.commit,
        "created": asked.created,
        "source": asked.source,
        "tested": {
            "by": record.proof.by,
            "reason": record.proof.reason,
            "runs": list(record.proof.runs),
        },
        "complete": record.complete,
        "images": [_image(one, str(asked.tag.version)) for one in record.images.values()],
    }


def _image(pushed: Pushed, version: str) -> dict[str, Any]:
    plan = pushed.plan
    return {
        "name": plan.image.name,
        "services": list(plan.image.owners),
        "repository": plan.image.repository,
        "reference": pushed.reference if pushed.digest else None,
        "digest": pushed.digest or None,
        "action": plan.action,
        "cause": plan.why,
        "tags": [version, *plan.moves],
        "before": dict(pushed.before),
        "attested": pushed.attested,
    }


def text(record: Record) -> str:
    """Return the file's text."""
    return json.dumps(document(record), indent=2, ensure_ascii=False) + "\n"


def write(record: Record, path: Path) -> None:
    """Write the record, whole or not at all. Raises ``OSError``."""
    write_atomically(path, text(record))


def begun(plan: ReleasePlan, proof: Proof, path: Path) -> Record:
    """Return the record of a release that begins, or that goes on where the one in ``path`` ended.

    What tags were before they were moved is kept from one that broke off, since that is the last
    state that was whole; from a complete one only for images of which nothing is to be done.
    """
    kept = _earlier(path)
    record = Record(plan, proof)
    for one in plan.images:
        version = {str(plan.version): one.replaces} if one.replaces else {}
        before = {**version, **kept.before(plan, one)}
        record = record.having(Pushed(one, one.digest, before=before))
    return record


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What a record said about tags, by the repositories of images."""

    complete: bool = True
    commit: str = ""
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def before(self, plan: ReleasePlan, one: ImagePlan) -> Mapping[str, str]:
        same = self.commit == plan.asked.commit and one.action is Action.DONE
        holds = same or not self.complete
        return self.tags.get(one.image.repository, {}) if holds else {}


def _earlier(path: Path) -> _Earlier:
    try:
        found = json.loads(path.read_text())
        if found.get("v") != FORMAT:
            return _Earlier()
        tags = {
            str(one["repository"]): {str(tag): str(digest) for tag, digest in one["before"].items()}
            for one in found["images"]
        }
        return _Earlier(bool(found["complete"]), str(found["commit"]), tags)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Earlier()
