"""A compose file for tests, derived from the ones that are there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.fields import Fields
from seatrial.composefile.tree import MapNode
from seatrial.scaffold.adopt.container import Container
from seatrial.scaffold.adopt.model import Difference
from seatrial.scaffold.adopt.selection import Selection
from seatrial.scaffold.adopt.stack import Stack
from seatrial.scaffold.adopt.variables import composed
from seatrial.scaffold.adopt.yamltext import Value, yaml_text
from seatrial.scaffold.names import slug


@dataclass(frozen=True, slots=True)
class Derived:
    """The text of a compose file, and every way in which it differs from its origin."""

    text: str
    differences: tuple[Difference, ...]


def derive(
    stack: Stack,
    selection: Selection,
    folder: Path,
    *,
    project: str,
    about: str,
    env_files: Mapping[Path, Path | None],
) -> Derived:
    """Return the file for ``folder`` (absolute, not necessarily there) with the chosen services.

    ``project`` begins the compose project's name, ``about`` says what the file is for.
    ``env_files`` maps env files to those that tests use instead, ``None`` for "only if it is
    there".
    """
    differences = [Difference(name, "left out", why) for name, why in selection.left_out.items()]
    services: dict[str, Value] = {}
    used: set[str] = set()
    grants: dict[str, set[str]] = {"secrets": set(), "configs": set()}
    for name in selection.names:
        container = Container(stack, selection, folder, env_files, name)
        services[name] = container.written()
        differences += container.differences
        used |= container.volumes
        service = stack.services[name]
        grants["secrets"] |= {grant.source for grant in service.secrets}
        grants["configs"] |= {grant.source for grant in service.configs}
    document: dict[str, Value] = {
        "name": f"{slug(project) or 'app'}-test-${{TEST_INSTANCE_ID:-local}}",
        "services": services,
    }
    if used:
        document["volumes"] = {
            name: None for name in stack.section("volumes").items if name in used
        }
        differences += _of_volumes(stack, used)
    for section, wanted in grants.items():
        entries = _files(stack, section, wanted, folder)
        if entries:
            document[section] = entries
    names = " and ".join(os.path.relpath(file, folder) for file in stack.files)
    head = [
        f"{about}.",
        f"Derived by `seatrial init` from {names}.",
        "Nothing is fixed and nothing stays: any number of runs may go on at once.",
    ]
    return Derived(yaml_text(document, head), tuple(differences))


def _of_volumes(stack: Stack, used: set[str]) -> Sequence[Difference]:
    told = []
    for name, node in stack.section("volumes").items.items():
        if name in used and isinstance(node, MapNode) and node.items:
            keys = ", ".join(node.items)
            cause = "volumes of tests are made for one environment and go with it"
            told.append(Difference("", f"volume {name} without {keys}", cause))
    return told


def _files(stack: Stack, section: str, wanted: set[str], folder: Path) -> dict[str, Value]:
    entries: dict[str, Value] = {}
    for name, node in stack.section(section).items.items():
        if name not in wanted or not isinstance(node, MapNode):
            continue
        read = Fields(node, section)
        entry: dict[str, Value] = {}
        if file := read.text("file"):
            entry["file"] = os.path.relpath(file, folder)
        for key in ("environment", "content", "external", "name"):
            if key in node.items:
                text = scalar_text(node.items[key])
                entry[key] = True if text == "true" else composed(text)
        entries[name] = entry
    return entries
