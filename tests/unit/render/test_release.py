"""A release as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.composefile.model import Build
from seatrial.discover.reads.model import Dependency
from seatrial.errors import Where
from seatrial.host.diff import ChangedFile, How
from seatrial.planning.changed import Touch
from seatrial.release.builder import Builder
from seatrial.release.images import Image
from seatrial.release.plan import Action, Asked, ImagePlan, ReleasePlan, Why
from seatrial.release.proof import Proof
from seatrial.release.push import Happened, What
from seatrial.release.record import Pushed, Record
from seatrial.release.version import Version, moving_tags, parse_tag
from seatrial.render.release import (
    happened_text,
    plan_lines,
    pushed_lines,
    record_json,
    why_text,
)

ROOT = Path("/repo")
BUILD = Build(ROOT, ROOT / "Dockerfile", Where(ROOT / "compose.yml"))
IMAGE = Image("api", "r.example.com/fleet-api", BUILD, ("api", "migrate"), {"context": "."})
TOUCH = Touch(ChangedFile(ROOT / "api/a.py", How.CHANGED), Dependency(ROOT, "copied into api"))
BEFORE = parse_tag("v1.0.0")
MOVING = moving_tags(Version(1, 1, 0), [Version(2, 0, 0)])
ONE = ImagePlan(IMAGE, Action.BUILD, Why.CHANGED, MOVING, BEFORE, touch=TOUCH)
PLAN = ReleasePlan(
    Asked(parse_tag("v1.1.0"), "c" * 40, 0), (ONE,), "r.example.com", previous=BEFORE
)
ENGINE = Builder("default", "docker", attests=False)


def test_a_plan_says_of_each_image_what_becomes_of_it_and_why() -> None:
    assert plan_lines(PLAN, ENGINE, "/repo") == [
        "release v1.1.0: 1.1.0, stable, after v1.0.0, of cccccccccccc",
        "registry: r.example.com",
        "",
        "api: r.example.com/fleet-api:1.1.0",
        "  build: api/a.py changed since v1.0.0: copied into api",
        "  moves 1.1, 1",
        "  latest stays: 2.0.0 is newer",
        "",
        "builder: default (docker), attaches NO SBOM and NO provenance: it cannot"
        " (`docker buildx create --use` makes one that can)",
    ]


@pytest.mark.parametrize("why", Why)
def test_every_cause_has_words(why: Why) -> None:
    text = why_text(replace(ONE, why=why), "/repo")
    assert text
    assert "{" not in text


@pytest.mark.parametrize("what", What)
def test_every_fact_has_words_that_name_what_it_is_about(what: What) -> None:
    text = happened_text(Happened(what, "api", "DETAIL"))
    assert "api" in text or "DETAIL" in text


def test_warnings_stand_at_the_end() -> None:
    asked = replace(PLAN.asked, shallow=True)
    plan = replace(PLAN, asked=asked, secrets={"api": ("NPM_TOKEN",)})
    shallow, secret = plan_lines(plan, None, "/repo")[-2:]
    assert shallow.startswith("warning: this clone is shallow")
    assert secret.startswith("warning: api: the build argument NPM_TOKEN looks like a secret")


def test_a_record_names_each_image_by_its_digest() -> None:
    pushed = Pushed(ONE, "sha256:1", attested=False, before={"1": "sha256:0"})
    record = Record(PLAN, Proof("word", "by hand"), {"api": pushed}, complete=True)
    assert pushed_lines(record, "v1.1.0.json") == [
        "released v1.1.0 to r.example.com",
        "r.example.com/fleet-api@sha256:1",
        "  build: 1.1.0, 1.1, 1",
        "  latest stays: 2.0.0 is newer",
        "note: NO SBOM and NO provenance attached to api",
        "record: v1.1.0.json",
    ]
    found = json.loads(record_json(record))
    assert found["images"][0]["reference"] == "r.example.com/fleet-api@sha256:1"
    assert found["images"][0]["before"] == {"1": "sha256:0"}
    assert found["tested"] == {"by": "word", "reason": "by hand", "runs": []}
