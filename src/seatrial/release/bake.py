"""The one bake file that builds all images of a release, in parallel. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.release.plan import Action, ImagePlan, ReleasePlan

RECIPE_LABEL = "dev.seatrial.recipe"
TREE_LABEL = "dev.seatrial.tree"
_OCI = "org.opencontainers.image"
_GROUP = "default"
_NOT_IN_A_TARGET = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Output:
    """Where images go and what is attached to them.

    ``push`` sends them to the registry, else the engine keeps them. ``attest`` says whether the
    builder can attach what it did (provenance) and what is inside (an SBOM, made by the image
    ``generator``, or the builder's own); ``retime`` whether it can give files the commit's time.
    """

    push: bool
    attest: bool = False
    retime: bool = False
    generator: str = ""


def labels(plan: ReleasePlan, image: ImagePlan) -> dict[str, str]:
    """Return the labels of an image that is built for ``plan``."""
    asked = plan.asked
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(asked.created))
    found = {
        f"{_OCI}.title": image.image.name,
        f"{_OCI}.version": str(plan.version),
        f"{_OCI}.revision": asked.revision,
        f"{_OCI}.created": created,
        RECIPE_LABEL: image.image.recipe_digest,
    }
    if asked.source:
        found[f"{_OCI}.source"] = asked.source
    if asked.tree:
        found[TREE_LABEL] = asked.tree
    return found


def target_name(image: ImagePlan) -> str:
    """Return what the bake file calls an image: each by another name."""
    name = image.image.name
    plain = _NOT_IN_A_TARGET.sub("_", name)
    if plain == name != _GROUP:
        return name
    return f"{plain}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def bake_file(plan: ReleasePlan, output: Output) -> str:
    """Return the bake file, as JSON; its paths are relative to the root of the repository."""
    built = plan.of(Action.BUILD)
    document = {
        "group": {_GROUP: {"targets": [target_name(one) for one in built]}},
        "target": {target_name(one): _target(plan, one, output) for one in built},
    }
    return json.dumps(_literal(document), indent=2, ensure_ascii=False) + "\n"


def _literal(value: Any) -> Any:
    """Return ``value`` as bake reads it unchanged: to bake, a text is a template of HCL."""
    if isinstance(value, dict):
        return {key: _literal(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_literal(one) for one in value]
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    return value


def _target(plan: ReleasePlan, image: ImagePlan, output: Output) -> dict[str, Any]:
    recipe = dict(image.image.recipe)
    own = dict(recipe.pop("labels", {}))
    return {
        **recipe,
        "labels": {**own, **labels(plan, image)},
        "tags": [f"{image.image.repository}:{plan.version}"],
        "output": [_output(output)],
        **({"attest": _attest(output)} if output.attest and output.push else {}),
    }


def _output(output: Output) -> str:
    if not output.push:
        return "type=docker"
    return "type=image,push=true" + (",rewrite-timestamp=true" if output.retime else "")


def _attest(output: Output) -> Sequence[str]:
    # In mode=min the values of build arguments and the names of secrets are left out.
    generator = f",generator={output.generator}" if output.generator else ""
    return ["type=provenance,mode=min", f"type=sbom{generator}"]
