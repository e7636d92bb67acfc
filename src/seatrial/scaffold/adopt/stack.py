"""A set of compose files as ``init`` reads it: by public values alone, and without env files.

A fresh clone often lacks the ``.env`` that its files ask for; that is no fault of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.composefile import consistency, typed
from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.gather import Gatherer
from seatrial.composefile.model import ComposeProject, ComposeService, Resource
from seatrial.composefile.tree import MapNode
from seatrial.errors import ConfigError, Where
from seatrial.scaffold.adopt.variables import (
    THROWAWAY,
    formed,
    is_secret,
    marked,
    required,
)


@dataclass(frozen=True, slots=True)
class Stack:
    """``services`` are those that run without a profile, ``idle`` the rest.

    ``assumed`` are the variables that no file gives and that stand as a throw-away value.
    """

    files: tuple[Path, ...]
    folder: Path
    root: MapNode
    services: Mapping[str, ComposeService]
    idle: Mapping[str, ComposeService]
    values: Mapping[str, str]
    name: str = ""
    assumed: tuple[str, ...] = ()

    def node(self, name: str) -> MapNode:
        """Return what the merged files say of a service, in long syntax."""
        services = self.root.get("services")
        node = services.get(name) if isinstance(services, MapNode) else None
        return node if isinstance(node, MapNode) else MapNode({}, self.root.where)

    def section(self, name: str) -> MapNode:
        """Return a top-level section."""
        node = self.root.get(name)
        return node if isinstance(node, MapNode) else MapNode({}, self.root.where)


def read_stack(files: Sequence[Path], known: Mapping[str, str]) -> Stack:
    """Return what ``files`` say together. Raises ``ConfigError`` with file and line."""
    folder = files[0].absolute().parent
    assumed = [name for name in required(files) if name not in known]
    values = {**known, **dict.fromkeys(assumed, THROWAWAY)}
    unset: dict[str, None] = {}

    def on_unset(name: str, _where: Where) -> None:
        unset[name] = None

    Gatherer(folder, values, on_unset).gather(files)
    shaped = formed(files)
    for name in unset:
        if is_secret(name):
            assumed.append(name)
            values[name] = THROWAWAY
        elif name not in shaped:
            values[name] = marked(name)
    root = Gatherer(folder, values, lambda _name, _where: None).gather(files)
    services = _services(root, folder)
    active = consistency.active(services, ())
    idle = {name: service for name, service in services.items() if name not in active}
    _check(root, files, folder, active, idle)
    given = {name: value for name, value in values.items() if value != marked(name)}
    name = scalar_text(root.get("name"))
    return Stack(tuple(files), folder, root, active, idle, given, name, tuple(assumed))


def _services(root: MapNode, folder: Path) -> dict[str, ComposeService]:
    section = root.get("services")
    found = {}
    for name, node in section.items.items() if isinstance(section, MapNode) else ():
        if not name.startswith("x-") and isinstance(node, MapNode):
            assert isinstance(section, MapNode)
            found[name] = replace(typed.service(name, node, folder), where=section.where_of(name))
    if not found:
        raise ConfigError(
            "the file declares no services", where=root.where, mend="add services: with an entry"
        )
    return found


def _check(
    root: MapNode,
    files: Sequence[Path],
    folder: Path,
    active: Mapping[str, ComposeService],
    idle: Mapping[str, ComposeService],
) -> None:
    project = ComposeProject(
        tuple(files),
        folder,
        active,
        networks=_resources(root, "networks"),
        volumes=_resources(root, "volumes"),
        secrets=_resources(root, "secrets"),
        configs=_resources(root, "configs"),
    )
    consistency.check(project, idle)


def _resources(root: MapNode, name: str) -> dict[str, Resource]:
    section = root.get(name)
    entries = section.items if isinstance(section, MapNode) else {}
    return {
        key: typed.resource(name, key, node)
        for key, node in entries.items()
        if not key.startswith("x-")
    }
