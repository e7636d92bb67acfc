"""Environments that ``--keep`` left up: remembered in the worktree, so that ``env`` can name them.

No address of a secret is stored: exports are worked out anew from the compose files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from seatrial.composefile.exports import exports
from seatrial.composefile.load import load
from seatrial.errors import ConfigError
from seatrial.model.environment import Endpoint, EnvironmentRequest


@dataclass(frozen=True, slots=True)
class Kept:
    """One environment that is up, how to find its ledger, and the slot that its names come from."""

    key: str
    slot: int
    ledger: Path
    files: tuple[Path, ...]
    instance: str
    subject: str | None
    exports: Mapping[str, str]
    endpoints: tuple[Endpoint, ...]


def remember(
    folder: Path,
    request: EnvironmentRequest,
    endpoints: tuple[Endpoint, ...],
    ledger: Path,
    slot: int,
) -> None:
    """Write down that the environment stays up."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "key": request.key,
        "slot": slot,
        "ledger": str(ledger),
        "files": [str(file) for file in request.files],
        "instance": request.instance,
        "subject": request.subject,
        "exports": dict(request.exports),
        "endpoints": [asdict(endpoint) for endpoint in endpoints],
    }
    target = folder / f"{request.run}.{request.key}.json"
    draft = target.with_suffix(".new")
    draft.write_text(json.dumps(document, indent=2) + "\n")
    draft.replace(target)


def recall(folder: Path) -> list[Kept]:
    """Return the environments that are still up, oldest first; forget those that are gone."""
    found = []
    for path in sorted(folder.glob("*.json")):
        kept = _read(path)
        if kept.ledger.exists():
            found.append(kept)
        else:
            path.unlink(missing_ok=True)
    return found


def variables(kept: Kept, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the ``TEST_…`` variables of a kept environment."""
    project = load(kept.files, {**environment, "TEST_INSTANCE_ID": kept.instance})
    return exports(
        project,
        kept.endpoints,
        instance=kept.instance,
        subject=kept.subject,
        extra=kept.exports,
    )


def _read(path: Path) -> Kept:
    try:
        facts = json.loads(path.read_text())
        return Kept(
            key=facts["key"],
            slot=facts.get("slot", 0),
            ledger=Path(facts["ledger"]),
            files=tuple(Path(file) for file in facts["files"]),
            instance=facts["instance"],
            subject=facts["subject"],
            exports=facts["exports"],
            endpoints=tuple(Endpoint(**endpoint) for endpoint in facts["endpoints"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path} is not what seatrial wrote", mend="remove it, then run `seatrial gc --kept`"
        ) from error
