"""YAML text to a tree; aliases share their node, merge keys (``<<``) are resolved.

``!reset`` and ``!override`` stay as tags. What a plain scalar means is said in ``scalars``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from seatrial.composefile.scalars import plain_value, tagged_value
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode, is_null
from seatrial.errors import ConfigError, Where

# Compose rejects a document of more nodes than this, aliases counted where they are used.
MOST_NODES = 100_000
_DEEPEST = 100
_MERGE = "<<"


def read_tree(path: Path) -> tuple[MapNode, ...]:
    """Return the documents of the YAML file at ``path``; raises ``ConfigError``."""
    return parse(read_text(path), path)


def read_text(path: Path) -> str:
    """Return the text of ``path`` without a byte order mark; raises ``ConfigError``."""
    try:
        data = path.read_bytes()
    except IsADirectoryError:
        raise ConfigError(
            "this is a folder, not a file", where=Where(path), mend="name the file inside it"
        ) from None
    except FileNotFoundError:
        raise ConfigError(
            "no such file", where=Where(path), mend="create it or correct the path"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"cannot be read: {reason.lower()}", where=Where(path), mend="make the file readable"
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            where=Where(path, line),
            mend="save the file as UTF-8",
        ) from None


def parse(text: str, file: Path) -> tuple[MapNode, ...]:
    """Return the documents of ``text`` as trees; raises ``ConfigError`` with the line."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        documents = tuple(_Composer(YAML(typ="safe", pure=True).parse(text), file).documents())
    except MarkedYAMLError as error:
        raise _broken(error, file) from None
    except (YAMLError, ValueError) as error:
        # The reader's complaint about a character that YAML does not allow.
        what = " ".join(str(error).split()).split(" in ")[0]
        position = getattr(error, "position", 0)
        where = Where(file, text.count("\n", 0, position) + 1)
        raise ConfigError(
            f"broken YAML: {what}", where=where, mend="remove the character"
        ) from None
    if not documents:
        raise ConfigError("the file is empty", where=Where(file), mend="declare services:")
    return documents


def _broken(error: Any, file: Path) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    where = Where(file, mark.line + 1, mark.column + 1) if mark else Where(file)
    problem = str(error.problem or error.context or "cannot be read")
    mend = "correct the YAML at that line or just above it"
    if "'\\t'" in problem or "\\t" in problem:
        mend = "indent with spaces: YAML forbids tabs there"
    context = f"{error.context}, " if error.context and error.problem else ""
    return ConfigError(f"broken YAML: {context}{problem}", where=where, mend=mend)


class _Size(NamedTuple):
    """How many nodes a node is with all that it holds, aliases expanded, and how many levels."""

    nodes: int
    levels: int

    def plus(self, inner: _Size) -> _Size:
        return _Size(self.nodes + inner.nodes, max(self.levels, inner.levels + 1))


_LEAF = _Size(1, 1)


class _Composer:
    """Events to nodes, with their sizes."""

    def __init__(self, events: Iterator[Any], file: Path) -> None:
        self._events = events
        self._file = file
        self._anchors: dict[str, tuple[Node, _Size] | None] = {}

    def documents(self) -> Iterator[MapNode]:
        for event in self._events:
            if _kind(event) == "DocumentStart":
                self._anchors.clear()
                root, _ = self._node(next(self._events), 0)
                if is_null(root):
                    continue
                if not isinstance(root, MapNode):
                    raise ConfigError(
                        "the top level must be a mapping",
                        where=root.where,
                        mend="start the file with keys such as services:",
                    )
                yield root

    def _node(self, event: Any, depth: int) -> tuple[Node, _Size]:
        kind, anchor = _kind(event), event.anchor
        if kind == "Alias":
            return self._alias(event)
        if depth > _DEEPEST:
            raise self._error(event, f"nested deeper than {_DEEPEST} levels", "flatten it")
        if anchor:
            self._anchors[anchor] = None
        build: Callable[[Any, int], tuple[Node, _Size]] = {
            "Scalar": self._scalar,
            "SequenceStart": self._list,
            "MappingStart": self._map,
        }[kind]
        node, size = build(event, depth)
        if size.nodes > MOST_NODES:
            what = f"holds more than {MOST_NODES} nodes once aliases are expanded"
            raise self._error(event, what, "use fewer aliases")
        if size.levels > _DEEPEST:
            raise self._error(event, f"nested deeper than {_DEEPEST} levels", "flatten it")
        if anchor:
            self._anchors[anchor] = (node, size)
        return node, size

    def _alias(self, event: Any) -> tuple[Node, _Size]:
        if event.anchor not in self._anchors:
            raise self._error(
                event, f"alias *{event.anchor} has no anchor", f"put &{event.anchor} above it"
            )
        found = self._anchors[event.anchor]
        if found is None:
            raise self._error(event, f"alias *{event.anchor} contains itself", "remove the alias")
        return found

    def _scalar(self, event: Any, _depth: int) -> tuple[Node, _Size]:
        plain = event.style is None
        tag = str(event.tag or "")
        if tag.startswith("tag:yaml.org,2002:"):
            value = tagged_value(event.value, tag.rpartition(":")[2])
            tag = ""
        else:
            value = plain_value(event.value) if plain and tag in ("", "!reset") else event.value
        return ScalarNode(value, self._where(event), tag, event.value, plain, _span(event)), _LEAF

    def _list(self, start: Any, depth: int) -> tuple[Node, _Size]:
        items, size = [], _LEAF
        while _kind(event := next(self._events)) != "SequenceEnd":
            node, inner = self._node(event, depth + 1)
            items.append(node)
            size = size.plus(inner)
        tag, where = str(start.tag or ""), self._where(start)
        return ListNode(tuple(items), where, _own(tag), _span(start, event)), size

    def _map(self, start: Any, depth: int) -> tuple[Node, _Size]:
        items: dict[str, Node] = {}
        keys: dict[str, ScalarNode] = {}
        merged: list[MapNode] = []
        size = _LEAF
        while _kind(event := next(self._events)) != "MappingEnd":
            key, _ = self._node(event, depth + 1)
            if not isinstance(key, ScalarNode) or type(key.value) is not str:
                raise self._error(event, "a key must be a string", "quote it")
            name = key.text
            if name in keys:
                first = keys[name].where.line
                raise self._error(
                    event, f"key {name!r} is already on line {first}", "remove one of the two"
                )
            keys[name] = key
            node, inner = self._node(next(self._events), depth + 1)
            size = size.plus(inner)
            if name == _MERGE and key.plain:
                merged = self._merge_sources(node)
            else:
                items[name] = node
        for source in merged:
            for name, node in source.items.items():
                if name not in items:
                    items[name] = node
                    keys[name] = source.keys[name]
        keys = {name: keys[name] for name in items}
        tag = _own(str(start.tag or ""))
        return MapNode(items, self._where(start), tag, keys, _span(start, event)), size

    def _merge_sources(self, node: Node) -> list[MapNode]:
        sources = node.items if isinstance(node, ListNode) else (node,)
        maps = [source for source in sources if isinstance(source, MapNode)]
        if len(maps) != len(sources):
            raise ConfigError(
                "<< takes a mapping or a list of mappings",
                where=node.where,
                mend="point it at an anchor of a mapping",
            )
        return maps

    def _where(self, event: Any) -> Where:
        mark = event.start_mark
        return Where(self._file, mark.line + 1, mark.column + 1)

    def _error(self, event: Any, what: str, mend: str) -> ConfigError:
        return ConfigError(what, where=self._where(event), mend=mend)


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _own(tag: str) -> str:
    return "" if tag.startswith("tag:yaml.org,2002:") else tag


def _span(start: Any, end: Any = None) -> tuple[int, int]:
    return start.start_mark.index, (end or start).end_mark.index
