"""What the record of a release keeps of the one before it in the same file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.composefile.model import Build
from seatrial.errors import Where
from seatrial.release.images import Image
from seatrial.release.plan import Action, Asked, ImagePlan, ReleasePlan, Why
from seatrial.release.proof import Proof
from seatrial.release.record import Record, begun, document, write
from seatrial.release.version import Version, moving_tags, parse_tag

HOST = "registry.example.com"
BUILD = Build(Path("/r"), Path("/r/Dockerfile"), Where(Path("/r/compose.yml")))
IMAGE = Image("api", f"{HOST}/fleet-api", BUILD, ("api",), {"context": "."})
MOVING = moving_tags(Version(1, 0, 0), [])
BUILT = ImagePlan(IMAGE, Action.BUILD, Why.CHANGED, MOVING, replaces="sha256:old")
DONE = ImagePlan(IMAGE, Action.DONE, Why.THERE, MOVING, digest="sha256:new")
PROOF = Proof("word", "by hand")


def plan(one: ImagePlan, commit: str = "c") -> ReleasePlan:
    return ReleasePlan(Asked(parse_tag("v1.0.0"), commit * 40, 0), (one,), HOST)


def kept(path: Path, *, complete: bool, before: dict[str, str]) -> None:
    """Leave a record of the commit ``c``."""
    record = begun(plan(BUILT), PROOF, path)
    pushed = replace(record.images["api"], digest="sha256:new", before=before)
    write(replace(record.having(pushed), complete=complete), path)


def before(record: Record) -> dict[str, str]:
    return dict(record.images["api"].before)


def test_a_version_that_is_taken_over_is_noted_before_anything_is_pushed(tmp_path: Path) -> None:
    record = begun(plan(BUILT), PROOF, tmp_path / "v1.0.0.json")
    assert before(record) == {"1.0.0": "sha256:old"}
    (image,) = document(record)["images"]
    assert (image["digest"], image["reference"]) == (None, None)


@pytest.mark.parametrize("commit", ["c", "d"])
@pytest.mark.parametrize("one", [BUILT, DONE], ids=["built", "done"])
def test_what_a_broken_release_had_noted_wins(tmp_path: Path, one: ImagePlan, commit: str) -> None:
    path = tmp_path / "v1.0.0.json"
    kept(path, complete=False, before={"1.0.0": "sha256:first", "1": ""})
    found = before(begun(plan(one, commit), PROOF, path))
    assert found == {"1.0.0": "sha256:first", "1": ""}


def test_of_a_complete_one_only_what_is_left_alone_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "v1.0.0.json"
    kept(path, complete=True, before={"1": "sha256:first"})
    assert before(begun(plan(DONE), PROOF, path)) == {"1": "sha256:first"}
    assert before(begun(plan(BUILT), PROOF, path)) == {"1.0.0": "sha256:old"}
    assert before(begun(plan(DONE, "d"), PROOF, path)) == {}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"v": 1, "images": [1]}', '{"v": 2}'])
def test_a_file_that_is_no_record_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "v1.0.0.json"
    path.write_text(text)
    assert before(begun(plan(DONE), PROOF, path)) == {}
