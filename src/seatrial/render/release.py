"""A release as text and as JSON: its plan, what happens, what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from seatrial.release.builder import Builder
from seatrial.release.gather import Gathered
from seatrial.release.images import NO_REGISTRY
from seatrial.release.plan import Action, ImagePlan, ReleasePlan, Why
from seatrial.release.push import Happened, What
from seatrial.release.record import Record, document

FORMAT = 1
_SHORT = 12
_WHY = {
    Why.FIRST: "no release before has it",
    Why.RECIPE: "its build: section is not that of {before}",
    Why.NOT_THERE: "{before} is not in the registry",
    Why.NOT_ASKED: "the registry was not asked",
    Why.UNTOLD: "that of {before} in the registry is made of a commit that is not here",
    Why.REBUILD: "--rebuild",
    Why.DIRTY: "the work tree differs from the commit",
    Why.UNCHANGED: "nothing in it changed since {before}",
    Why.THERE: "it is in the registry already",
}


def plan_lines(plan: ReleasePlan, builder: Builder | None, root: str) -> list[str]:
    """Return the plan, one image after another."""
    asked = plan.asked
    kind = "stable" if plan.version.stable else "pre-release"
    since = f", after {plan.previous.name}" if plan.previous else ", the first"
    lines = [f"release {asked.tag.name}: {plan.version}, {kind}{since}, of {asked.commit[:_SHORT]}"]
    if not plan.images:
        return [*lines, no_image_line(plan)]
    registry = "none is named yet" if plan.registry == NO_REGISTRY else plan.registry
    if not asked.asked_registry and plan.registry != NO_REGISTRY:
        registry += " (not asked)"
    lines.append(f"registry: {registry}")
    for one in plan.images:
        lines += ["", *_image_lines(plan, one, root)]
    lines += ["", attached_line(plan, builder), *warnings(plan)]
    return lines


def no_image_line(plan: ReleasePlan) -> str:
    """Return that there is nothing to release, and why."""
    if plan.asked.tag.service:
        return f"there is no image to release: {plan.asked.tag.service} builds none"
    return (
        "there is no image to release: nothing in deploy/prod/docker-compose.yml has a build:, and"
        " no service's folder a Dockerfile"
    )


def _image_lines(plan: ReleasePlan, one: ImagePlan, root: str) -> list[str]:
    lines = [
        f"{one.image.name}: {one.image.repository}:{plan.version}",
        f"  {one.action}: {why_text(one, root)}",
    ]
    if one.digest:
        lines.append(f"  {one.digest}")
    if one.moves:
        lines.append(f"  moves {', '.join(one.moves)}")
    if not one.moving:
        lines.append("  moves nothing: a pre-release has its own version only")
    lines += [f"  {m.tag} stays: {m.newer} is newer" for m in one.moving if m.newer is not None]
    return lines


def why_text(one: ImagePlan, root: str) -> str:
    """Return the cause of what becomes of an image; paths below ``root`` are relative."""
    before = one.before.name if one.before else ""
    if one.why is Why.CHANGED and one.touch is not None:
        path = str(one.touch.file.path).removeprefix(root.rstrip("/") + "/")
        how = one.touch.file.how
        return f"{path} {how} since {before}: {one.touch.dependency.why}"
    return _WHY[one.why].format(before=before)


def attached_line(plan: ReleasePlan, builder: Builder | None) -> str:
    """Return what is attached to the images that are built."""
    if not plan.of(Action.BUILD):
        return "nothing is built"
    if builder is None:
        return "builder: none answers; `docker buildx ls` lists those there are"
    name = f"builder: {builder.name} ({builder.driver})"
    if builder.attests:
        return f"{name}, attaches an SBOM and provenance"
    return (
        f"{name}, attaches NO SBOM and NO provenance: it cannot"
        " (`docker buildx create --use` makes one that can)"
    )


def warnings(plan: ReleasePlan) -> list[str]:
    """Return what should be looked at before anything is pushed."""
    found = []
    if plan.asked.shallow:
        found.append(
            "warning: this clone is shallow: releases before are not known, so that all is built"
            " (git fetch --unshallow --tags; in a workflow fetch-depth: 0)"
        )
    found += [
        f"warning: {name}: the build argument {argument} looks like a secret, and whoever has the"
        " image can read it; hand it on as a build secret (build.secrets)"
        for name, arguments in plan.secrets.items()
        for argument in arguments
    ]
    return found


def plan_json(gathered: Gathered, builder: Builder | None, root: str) -> str:
    """Return the plan as one JSON object."""
    plan = gathered.plan
    asked = plan.asked
    made: dict[str, Any] = {
        "v": FORMAT,
        "kind": "release-plan",
        "tag": asked.tag.name,
        "version": str(plan.version),
        "prerelease": not plan.version.stable,
        "service": asked.tag.service,
        "commit": asked.commit,
        "created": asked.created,
        "dirty": asked.dirty,
        "previous": plan.previous.name if plan.previous else None,
        "registry": None if plan.registry == NO_REGISTRY else plan.registry,
        "attests": bool(builder and builder.attests),
        "images": [_image_json(one, root) for one in plan.images],
        "warnings": warnings(plan),
    }
    return json.dumps(made, ensure_ascii=False)


def _image_json(one: ImagePlan, root: str) -> dict[str, Any]:
    return {
        "name": one.image.name,
        "services": list(one.image.owners),
        "repository": one.image.repository,
        "action": one.action,
        "cause": one.why,
        "detail": why_text(one, root),
        "before": one.before.name if one.before else None,
        "digest": one.digest or None,
        "moves": list(one.moves),
        "stays": {m.tag: str(m.newer) for m in one.moving if m.newer is not None},
    }


def happened_text(fact: Happened) -> str:
    """Return one line for what happened while a release is under way."""
    match fact.what:
        case What.WAITING:
            holder = f" (process {fact.detail})" if fact.detail else ""
            return f"waiting for another release in this work tree{holder}"
        case What.BAKING:
            return f"building {fact.image}"
        case What.SAID:
            return fact.detail
        case What.PUSHED:
            return f"pushed {fact.image}: {fact.detail}"
        case What.RETAGGED:
            return f"re-tagged {fact.image}: {fact.detail}"
        case What.THERE:
            return f"{fact.image} is there already: {fact.detail}"
        case _:
            return f"moved {fact.detail} of {fact.image}"


def pushed_lines(record: Record, file: str) -> list[str]:
    """Return what is in the registry now."""
    plan = record.plan
    done = "released" if record.complete else "pushed images of"
    lines = [f"{done} {plan.asked.tag.name} to {plan.registry}"]
    for pushed in record.images.values():
        tags = ", ".join((str(plan.version), *pushed.plan.moves))
        lines += [f"{pushed.reference}", f"  {pushed.plan.action}: {tags}"]
        stays = [m for m in pushed.plan.moving if m.newer is not None]
        lines += [f"  {m.tag} stays: {m.newer} is newer" for m in stays]
    bare = [
        name
        for name, one in record.images.items()
        if one.plan.action is Action.BUILD and not one.attested
    ]
    if bare:
        lines.append(f"note: NO SBOM and NO provenance attached to {', '.join(bare)}")
    if not record.complete:
        lines.append("no other tag was moved: a push without --only does that")
    return [*lines, *warnings(plan), f"record: {file}"]


def record_json(record: Record) -> str:
    """Return the record of a release as one JSON object."""
    return json.dumps(document(record), ensure_ascii=False)


def built_lines(plan: ReleasePlan, ids: dict[str, str], root: str) -> list[str]:
    """Return which images the engine has now."""
    lines = [
        f"{one.image.repository}:{plan.version} {ids[one.image.name]}" for one in _in(plan, ids)
    ]
    rest = [one for one in plan.images if one.image.name not in ids]
    return [*lines, *(f"{one.image.name} is not built: {why_text(one, root)}" for one in rest)]


def built_json(plan: ReleasePlan, ids: dict[str, str]) -> str:
    """Return which images the engine has now, as one JSON object."""
    made = {
        "v": FORMAT,
        "kind": "release-build",
        "tag": plan.asked.tag.name,
        "images": {
            f"{one.image.repository}:{plan.version}": ids[one.image.name] for one in _in(plan, ids)
        },
    }
    return json.dumps(made, ensure_ascii=False)


def _in(plan: ReleasePlan, ids: dict[str, str]) -> Sequence[ImagePlan]:
    return [one for one in plan.images if one.image.name in ids]
