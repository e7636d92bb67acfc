"""The bake file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from seatrial.composefile.model import Build
from seatrial.errors import Where
from seatrial.release.bake import RECIPE_LABEL, TREE_LABEL, Output, bake_file
from seatrial.release.images import Image
from seatrial.release.plan import Asked, Before, Held, Known, ReleasePlan, make_plan
from seatrial.release.version import parse_tag

BUILD = Build(Path("/r"), Path("/r/Dockerfile"), Where(Path("/r/compose.yml")))
IMAGE = Image(
    "api.v2",
    "registry.example.com/fleet-api",
    BUILD,
    ("api",),
    {"context": ".", "dockerfile": "Dockerfile", "labels": {"own": "1"}},
)
ASKED = Asked(parse_tag("v1.2.3"), "c" * 40, 1_700_000_000, source="https://example.com/r")
PLAN = make_plan(ASKED, [Known(IMAGE)], "registry.example.com")


def target(output: Output, plan: ReleasePlan = PLAN) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(json.loads(bake_file(plan, output))["target"].values()))
    return found


def test_every_image_has_a_target_of_its_own() -> None:
    names = ("api.v2", "api_v2", "default", "web")
    images = [replace(IMAGE, name=name, repository=f"{IMAGE.repository}-{name}") for name in names]
    plan = make_plan(ASKED, [Known(image) for image in images], "registry.example.com")
    made = json.loads(bake_file(plan, Output(push=True)))
    targets = made["group"]["default"]["targets"]
    assert [made["target"][name]["tags"] for name in targets] == [
        [f"{image.repository}:1.2.3"] for image in images
    ]
    assert {"api_v2", "web"} < set(targets)
    assert "default" not in targets


def test_labels_say_what_an_image_is_of() -> None:
    assert target(Output(push=True))["labels"] == {
        "own": "1",
        "org.opencontainers.image.title": "api.v2",
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.revision": "c" * 40,
        "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
        "org.opencontainers.image.source": "https://example.com/r",
        RECIPE_LABEL: IMAGE.recipe_digest,
    }


def test_an_image_of_a_dirty_tree_says_of_which_one() -> None:
    plan = make_plan(replace(ASKED, dirty=True, tree="t1"), [Known(IMAGE)], "registry.example.com")
    made = target(Output(push=True), plan)["labels"]
    assert made["org.opencontainers.image.revision"] == f"{'c' * 40}-dirty"
    assert made[TREE_LABEL] == "t1"


def test_only_the_tag_of_the_version_is_pushed_by_the_builder() -> None:
    made = target(Output(push=True))
    assert made["tags"] == ["registry.example.com/fleet-api:1.2.3"]
    assert made["output"] == ["type=image,push=true"]
    assert "attest" not in made


def test_provenance_is_told_without_arguments() -> None:
    made = target(Output(push=True, attest=True, retime=True, generator="scan:1"))
    assert made["attest"] == ["type=provenance,mode=min", "type=sbom,generator=scan:1"]
    assert made["output"] == ["type=image,push=true,rewrite-timestamp=true"]


def test_the_engine_gets_an_image_without_attachments() -> None:
    made = target(Output(push=False, attest=True))
    assert made["output"] == ["type=docker"]
    assert "attest" not in made


def test_what_is_tagged_again_is_not_in_it() -> None:
    held = Held("sha256:0", "b" * 40, IMAGE.recipe_digest)
    before = Before(parse_tag("v1.2.2"), held, None)
    plan = make_plan(ASKED, [Known(IMAGE, before=before)], "registry.example.com")
    assert json.loads(bake_file(plan, Output(push=True))) == {
        "group": {"default": {"targets": []}},
        "target": {},
    }


def test_what_looks_like_a_template_of_bake_stays_a_text() -> None:
    image = replace(IMAGE, recipe={"context": ".", "args": {"PROMPT": "${USER} %{if}"}})
    plan = make_plan(ASKED, [Known(image)], "registry.example.com")
    assert target(Output(push=True), plan)["args"] == {"PROMPT": "$${USER} %%{if}"}
