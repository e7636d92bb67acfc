"""The documents that rules see, each parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.model import Span, Tier


@dataclass(frozen=True)
class Repository:
    """What rules may ask of the whole: its root, and the files that lint looks at, by their path.

    Paths are relative to the root, with slashes.
    """

    root: Path
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ComposeService:
    """A service in a compose file: its node, its key's span, and what an override adds to it.

    ``get`` looks into all files of the environment, the last one first; so what is missing is
    missing everywhere.
    """

    name: str
    node: MapNode
    span: Span
    layers: tuple[MapNode, ...] = ()

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``, from whichever file gives it."""
        found = (layer.get(key) for layer in (*reversed(self.layers), self.node))
        return next((node for node in found if node is not None), None)

    def key_span(self, key: str) -> Span:
        """Return where ``key`` stands in this file, else where the service's name does."""
        node = self.node.keys.get(key)
        return Span(*node.span) if node is not None else self.span


@dataclass(frozen=True)
class ComposeDocument:
    """One compose file. ``layers`` are the trees of the files that Compose reads with it."""

    path: Path
    text: str
    root: MapNode
    repository: Repository
    tier: Tier | None = None
    layers: tuple[MapNode, ...] = ()

    @cached_property
    def services(self) -> Mapping[str, ComposeService]:
        """Return the services that this file has."""
        section = self.root.get("services")
        if not isinstance(section, MapNode):
            return {}
        return {
            name: ComposeService(name, node, _key_span(section, name), self._layers(name))
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

    def _layers(self, service: str) -> tuple[MapNode, ...]:
        sections = (layer.get("services") for layer in self.layers)
        nodes = (s.items.get(service) for s in sections if isinstance(s, MapNode))
        return tuple(node for node in nodes if isinstance(node, MapNode))


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
class RepositoryDocument:
    """The repository as a whole, for rules about what refers to what.

    A finding is anchored in ``path``, the file whose text it is about.
    """

    path: Path
    text: str
    repository: Repository
    facts: Mapping[str, Any] = field(default_factory=dict)


def scalar(node: Node | None) -> str | None:
    """Return the text of a scalar, ``None`` for anything else."""
    return node.text if isinstance(node, ScalarNode) else None


def words(node: Node | None) -> Iterator[ScalarNode]:
    """Yield the scalars of a list, or the one scalar that stands in its place."""
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, ListNode):
        yield from (item for item in node.items if isinstance(item, ScalarNode))


def _key_span(section: MapNode, name: str) -> Span:
    key = section.keys.get(name)
    return Span(*key.span) if key is not None else Span(*section.span)
