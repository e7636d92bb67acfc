"""The documents that rules see, each parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.kinds import Kind, kind_of
from seatrial.lint.model import Span, Tier
from seatrial.model.project import Service, Suite


@dataclass(frozen=True)
class Repository:
    """What rules may ask of the whole.

    ``paths`` are all files (dependencies, hidden folders and what git ignores left out),
    ``folders`` all folders that hold one. ``documents`` are the parsed files that lint has rules
    for, each parsed when it is first asked for; broken ones are absent. ``texts`` gives any other
    file of ``paths`` as text. ``services`` and ``suites`` are what discovery found. All paths are
    relative to the root, with slashes, but for those in services and suites, which are absolute.
    """

    root: Path
    paths: frozenset[str] = frozenset()
    documents: Mapping[str, Document] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    suites: tuple[Suite, ...] = ()

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return every folder that a path lies in; the root itself is ``"."``."""
        return frozenset((".", *self._names, *self._upper))

    def names_in(self, folder: str) -> frozenset[str]:
        """Return the names of the files in ``folder``; the root is ``"."``."""
        return self._names.get(folder, frozenset())

    @cached_property
    def compose_folders(self) -> Mapping[str, tuple[str, ...]]:
        """Return the folders that have compose files, by the last part of their path."""
        found: dict[str, set[str]] = {}
        for path in self.paths:
            if kind_of(path) is Kind.COMPOSE:
                folder = path.rpartition("/")[0] or "."
                found.setdefault(folder.rpartition("/")[2], set()).add(folder)
        return {name: tuple(sorted(folders)) for name, folders in found.items()}

    @cached_property
    def composed(self) -> frozenset[str]:
        """Return the names of the services of all compose files."""
        documents = (self.documents.get(path) for path in self.documents)
        composes = (found for found in documents if isinstance(found, ComposeDocument))
        return frozenset(name for compose in composes for name in compose.services)

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for path in self.paths:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder or ".", set()).add(name)
        return {folder: frozenset(names) for folder, names in found.items()}

    @cached_property
    def _upper(self) -> frozenset[str]:
        return frozenset(str(at) for folder in self._names for at in PurePosixPath(folder).parents)


@dataclass(frozen=True)
class ComposeService:
    """A service in a compose file: its node, its key's span, and what other files add to it.

    ``layers`` are the service in the files laid over this one, ``base`` in those below it.
    ``get`` looks into all of them, the last one first; so what is missing is missing everywhere.
    What it returns may stand in another file: take a span only from ``node`` and ``key_span``.
    """

    name: str
    node: MapNode
    span: Span
    layers: tuple[MapNode, ...] = ()
    base: tuple[MapNode, ...] = ()

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``, from whichever file gives it."""
        for layer in (*reversed(self.layers), self.node, *reversed(self.base)):
            node = layer.get(key)
            if node is not None:
                return node
        return None

    def key_span(self, key: str) -> Span:
        """Return where ``key`` stands in this file, else where the service's name does."""
        node = self.node.keys.get(key)
        return Span(*node.span) if node is not None else self.span


@dataclass(frozen=True)
class ComposeDocument:
    """One compose file.

    ``layers`` are the trees of the files that Compose lays over it, ``base`` of those that it is
    laid over itself (then this file is an override).
    """

    path: Path
    text: str
    root: MapNode
    repository: Repository
    tier: Tier | None = None
    layers: tuple[MapNode, ...] = ()
    base: tuple[MapNode, ...] = ()

    @cached_property
    def services(self) -> Mapping[str, ComposeService]:
        """Return the services that this file has."""
        section = self.root.get("services")
        if not isinstance(section, MapNode):
            return {}
        return {
            name: ComposeService(
                name,
                node,
                _key_span(section, name),
                _of_service(self.layers, name),
                _of_service(self.base, name),
            )
            for name, node in section.items.items()
            if isinstance(node, MapNode)
        }

    def section(self, name: str) -> Mapping[str, Node]:
        """Return the entries of a top-level section."""
        node = self.root.get(name)
        return node.items if isinstance(node, MapNode) else {}

    def section_key(self, name: str, key: str) -> Span:
        """Return where the key of an entry of a top-level section stands."""
        node = self.root.get(name)
        return _key_span(node, key) if isinstance(node, MapNode) else Span(0, 0)


@dataclass(frozen=True)
class Instruction:
    """A line of a Dockerfile, continuation lines joined: ``FROM``, its words, and where it is."""

    word: str
    value: str
    span: Span
    stage: int


@dataclass(frozen=True)
class DockerfileDocument:
    """One Dockerfile."""

    path: Path
    text: str
    instructions: tuple[Instruction, ...]
    repository: Repository


@dataclass(frozen=True)
class WorkflowDocument:
    """One workflow of GitHub's or Gitea's."""

    path: Path
    text: str
    root: MapNode
    repository: Repository


@dataclass(frozen=True)
class TestDocument:
    """One file of tests. ``stage`` is ``unit``, ``service`` or ``integration``.

    ``tree`` is there for Python, ``None`` for JavaScript and TypeScript.
    """

    __test__ = False
    path: Path
    text: str
    stage: str
    repository: Repository
    tree: ast.Module | None = None

    def span(self, node: ast.AST) -> Span:
        """Return where a node of the tree stands, in characters."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        start = self._offset(line, column)
        end_line = getattr(node, "end_lineno", line) or line
        end = self._offset(end_line, getattr(node, "end_col_offset", column) or column)
        return Span(start, end)

    def _offset(self, line: int, column: int) -> int:
        # Python counts columns in bytes of UTF-8.
        begin = self._line_starts[line - 1]
        text = self.text[begin : self._line_starts[line]].encode("utf-8", "surrogatepass")
        return begin + len(text[:column].decode("utf-8", "ignore"))

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        starts, at = [0], 0
        for line in self.text.splitlines(keepends=True):
            at += len(line)
            starts.append(at)
        starts.append(at)
        return tuple(starts)


@dataclass(frozen=True)
class MakefileDocument:
    """A Makefile or a shell script that runs tests."""

    path: Path
    text: str
    repository: Repository


@dataclass(frozen=True)
class EnvFileDocument:
    """An env file (``.env``, ``.env.example``, …) in a folder that has a compose file."""

    path: Path
    text: str
    repository: Repository
    tier: Tier | None = None


@dataclass(frozen=True)
class RepositoryDocument:
    """The repository as a whole, once a run, for rules about what refers to what.

    A hit names the ``file`` that it is in: any of ``repository.paths``, parsed or not. A hit
    without one is in ``path``: ``seatrial.toml``, the Makefile, or the first file there is.
    """

    path: Path
    text: str
    repository: Repository


Document: TypeAlias = (
    ComposeDocument
    | DockerfileDocument
    | WorkflowDocument
    | TestDocument
    | MakefileDocument
    | EnvFileDocument
    | RepositoryDocument
)


def scalar(node: Node | None) -> str | None:
    """Return the text of a scalar, ``None`` for anything else."""
    return node.text if isinstance(node, ScalarNode) else None


def words(node: Node | None) -> Iterator[ScalarNode]:
    """Yield the scalars of a list, or the one scalar that stands in its place."""
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, ListNode):
        yield from (item for item in node.items if isinstance(item, ScalarNode))


def _of_service(trees: tuple[MapNode, ...], service: str) -> tuple[MapNode, ...]:
    sections = (tree.get("services") for tree in trees)
    nodes = (section.get(service) for section in sections if isinstance(section, MapNode))
    return tuple(node for node in nodes if isinstance(node, MapNode))


def _key_span(section: MapNode, name: str) -> Span:
    key = section.keys.get(name)
    return Span(*key.span) if key is not None else Span(*section.span)
