"""What an environment reads: its compose files, and every path of the repository that they name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.envfile import read_env_file
from seatrial.composefile.gather import Gatherer
from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeService
from seatrial.composefile.tree import ListNode, MapNode, Node
from seatrial.discover.look import shown
from seatrial.discover.reads.images import of_build
from seatrial.discover.reads.model import Dependency, named
from seatrial.errors import SeatrialError
from seatrial.model.project import Project, Service

_INSTANCE = {"TEST_INSTANCE_ID": "changed"}
_INCLUDES = re.compile(rb"^[\"']?include[\"']?\s*:", re.MULTILINE)
# Keys of a service whose paths are read elsewhere, or are those of the container.
_INSIDE = frozenset(
    ("build", "develop", "command", "entrypoint", "environment", "healthcheck", "tmpfs")
)


@dataclass(frozen=True, slots=True)
class Environment:
    """What is read, and the services of the repository that stand in it."""

    dependencies: tuple[Dependency, ...]
    services: tuple[Service, ...] = ()


@dataclass(slots=True)
class Environments:
    """Reads each set of compose files once, with the user's ``variables``."""

    project: Project
    variables: Mapping[str, str]
    _read: dict[tuple[Path, ...], Environment] = field(default_factory=dict)

    def of(self, files: tuple[Path, ...]) -> Environment:
        """Return what the environment of ``files`` reads; all of the repository where unclear."""
        if files not in self._read:
            try:
                self._read[files] = self._environment(files)
            except (SeatrialError, OSError, ValueError, AssertionError):
                why = f"{shown(files[0], self.project.root)} cannot be read: anything may be in it"
                self._read[files] = Environment((Dependency(self.project.root, why),))
        return self._read[files]

    def _environment(self, files: tuple[Path, ...]) -> Environment:
        variables = {**self.variables, **_INSTANCE}
        loaded = load(files, variables)
        tree = _tree(files, variables)
        found = [*_files(files, tree)]
        standing: list[Service] = []
        for service in loaded.services.values():
            found += self._service(service)
            standing += self._standing(service)
        why = f"{shown(loaded.files[0], self.project.root)} names it"
        found += [Dependency(Path(text), why) for text in dict.fromkeys(_paths(tree, ()))]
        found += [Dependency(at, "a build context") for at in _contexts(tree, loaded.folder)]
        return Environment(tuple(found), tuple(dict.fromkeys(standing)))

    def _service(self, service: ComposeService) -> Iterator[Dependency]:
        if service.build is not None:
            yield from of_build(service.build, service.name)
            return
        # An image that somebody built before, from the folder of the same name.
        for one in self._namesakes(service):
            yield Dependency(one.path, f"{service.name} runs an image of that name")

    def _standing(self, service: ComposeService) -> Iterator[Service]:
        """Yield the services that are built: as processes they run with all their packages."""
        build = service.build
        if build is None:
            yield from self._namesakes(service)
            return
        for one in self.project.services:
            folders = (build.context, Path(os.path.normpath(build.dockerfile)).parent)
            if one.path in folders or one.name == service.name:
                yield one

    def _namesakes(self, service: ComposeService) -> Iterable[Service]:
        image = (service.image or "").rpartition("/")[2].partition("@")[0].partition(":")[0]
        return (one for one in self.project.services if one.name in (service.name, image))


def _tree(files: Sequence[Path], variables: Mapping[str, str]) -> MapNode:
    folder = files[0].absolute().parent
    known = dict(variables)
    if (folder / ".env").is_file():
        known = read_env_file(folder / ".env", variables, _unheard) | known
    return Gatherer(folder, known, _unheard).gather(files)


def _unheard(*_: object) -> None:
    """Pass over variables without a value: the run itself tells of them."""


def _files(files: Sequence[Path], tree: MapNode) -> Iterator[Dependency]:
    """Yield the compose files, also those that others include or extend, and what lies beside."""
    every = dict.fromkeys((*files, *_each(tree, lambda node: node.where.file)))
    for file in every:
        yield Dependency(file, "the compose file of its environment")
        beside = (".env", "compose.override.y*ml", "docker-compose.override.y*ml")
        yield named(file.parent, beside, "it lies beside the compose file")
        if _INCLUDES.search(file.read_bytes()):
            yield Dependency(file.parent, "the compose file includes others")


def _each(node: Node, ask: Callable[[Node], Path]) -> Iterator[Path]:
    yield ask(node)
    for child in _children(node):
        yield from _each(child, ask)


def _children(node: Node) -> Iterable[Node]:
    if isinstance(node, MapNode):
        return node.items.values()
    return node.items if isinstance(node, ListNode) else ()


def _paths(node: Node, keys: tuple[str, ...]) -> Iterator[str]:
    """Yield the absolute paths of this machine in a merged tree, but those of builds."""
    elsewhere = keys[:1] == ("services",) and keys[2:3] and keys[2] in _INSIDE
    if elsewhere or keys[-1:] in (("target",), ("working_dir",)):
        return
    if isinstance(node, MapNode):
        for key, child in node.items.items():
            yield from _paths(child, (*keys, key))
    elif isinstance(node, ListNode):
        for child in node.items:
            yield from _paths(child, (*keys, ""))
    elif (text := scalar_text(node)).startswith("/") and text != "/":
        yield text


def _contexts(tree: MapNode, folder: Path) -> Iterator[Path]:
    services = tree.get("services")
    for service in _children(services) if services is not None else ():
        build = service.get("build") if isinstance(service, MapNode) else None
        more = build.get("additional_contexts") if isinstance(build, MapNode) else None
        for node in _children(more) if more is not None else ():
            text = scalar_text(node)
            if text and ":" not in text:
                yield folder / text
