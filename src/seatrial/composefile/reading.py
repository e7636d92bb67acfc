"""YAML text to a tree; aliases share their node, merge keys (``<<``) are resolved.

``!reset`` and ``!override`` stay as tags. What a plain scalar means is said in ``scalars``.

libyaml reads first, some twenty times as fast as the reader in Python. What it refuses, and what
the two would count differently, the one in Python reads: it knows YAML 1.2, and its words are those
that people get to read.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from seatrial.composefile.scalars import plain_value, tagged_value
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode, is_null
from seatrial.errors import ConfigError, Where

# Compose rejects a document of more nodes than this, aliases counted where they are used.
MOST_NODES = 100_000
_DEEPEST = 100
_MERGE = "<<"
_CORE = "tag:yaml.org,2002:"
# Tabs, directives, line ends, characters and names of anchors that YAML 1.1 and 1.2 take for
# different things.
_DIFFERENT = re.compile(
    r"[^\n\r -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    r"|^%|[&*][\w-]+[^\w\s,\]}-]|![\w!:.-]*\s+&",
    re.MULTILINE,
)


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
    documents = _quickly(text, file)
    if documents is None:
        documents = _thoroughly(text, file)
    if not documents:
        raise ConfigError("the file is empty", where=Where(file), mend="declare services:")
    return documents


def _quickly(text: str, file: Path) -> tuple[MapNode, ...] | None:
    """Read with libyaml; ``None`` where it is not installed or not the one to judge."""
    from ruamel.yaml.error import YAMLError

    if _DIFFERENT.search(text):
        return None
    try:
        libyaml = importlib.import_module("_ruamel_yaml")
    except ImportError:
        return None
    try:
        # After the last event it gives None.
        events = iter(libyaml.CParser(text).get_event, None)
        return tuple(_Composer(events, file).documents())
    except (YAMLError, ConfigError):
        return None


def _thoroughly(text: str, file: Path) -> tuple[MapNode, ...]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return tuple(_Composer(YAML(typ="safe", pure=True).parse(text), file).documents())
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


_LEAF = _Size(1, 1)


class _Composer:
    """Events to nodes, with their sizes."""

    def __init__(self, events: Iterator[Any], file: Path) -> None:
        self._events = events
        self._file = file
        self._anchors: dict[str, tuple[Node, _Size] | None] = {}

    def documents(self) -> Iterator[MapNode]:
        for event in self._events:
            if type(event).__name__ == "DocumentStartEvent":
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
        kind, anchor = type(event).__name__, event.anchor
        if kind == "AliasEvent":
            return self._alias(event)
        if depth > _DEEPEST:
            raise self._error(event, f"nested deeper than {_DEEPEST} levels", "flatten it")
        if kind == "ScalarEvent":
            node = self._scalar(event)
            if anchor:
                self._anchors[anchor] = (node, _LEAF)
            return node, _LEAF
        if anchor:
            self._anchors[anchor] = None
        build = self._map if kind == "MappingStartEvent" else self._list
        inner, size = build(event, depth)
        self._check(event, size)
        if anchor:
            self._anchors[anchor] = (inner, size)
        return inner, size

    def _check(self, event: Any, size: _Size) -> None:
        if size.nodes > MOST_NODES:
            what = f"holds more than {MOST_NODES} nodes once aliases are expanded"
            raise self._error(event, what, "use fewer aliases")
        if size.levels > _DEEPEST:
            raise self._error(event, f"nested deeper than {_DEEPEST} levels", "flatten it")

    def _alias(self, event: Any) -> tuple[Node, _Size]:
        if event.anchor not in self._anchors:
            raise self._error(
                event, f"alias *{event.anchor} has no anchor", f"put &{event.anchor} above it"
            )
        found = self._anchors[event.anchor]
        if found is None:
            raise self._error(event, f"alias *{event.anchor} contains itself", "remove the alias")
        return found

    def _scalar(self, event: Any) -> ScalarNode:
        # libyaml gives a plain scalar an empty style.
        plain, text = not event.style, event.value
        tag = str(event.tag or "")
        if tag.startswith(_CORE):
            value = tagged_value(text, tag.removeprefix(_CORE))
            tag = ""
        else:
            value = plain_value(text) if plain and tag in ("", "!reset") else text
        return ScalarNode(value, self._where(event), tag, text, plain, _span(event, event))

    def _list(self, start: Any, depth: int) -> tuple[Node, _Size]:
        items, nodes, levels = [], 1, 1
        while type(event := next(self._events)).__name__ != "SequenceEndEvent":
            node, inner = self._node(event, depth + 1)
            items.append(node)
            nodes, levels = nodes + inner.nodes, max(levels, inner.levels + 1)
        tag = _own(str(start.tag or ""))
        node = ListNode(tuple(items), self._where(start), tag, _span(start, event))
        return node, _Size(nodes, levels)

    def _map(self, start: Any, depth: int) -> tuple[Node, _Size]:
        items: dict[str, Node] = {}
        keys: dict[str, ScalarNode] = {}
        merged: list[MapNode] = []
        nodes, levels = 1, 1
        while type(event := next(self._events)).__name__ != "MappingEndEvent":
            key = self._key(event, depth + 1, keys)
            keys[key.text] = key
            node, inner = self._value(next(self._events), depth + 1, event)
            nodes, levels = nodes + inner.nodes, max(levels, inner.levels + 1)
            if key.text == _MERGE and key.plain:
                merged = self._merge_sources(node)
            else:
                items[key.text] = node
        for source in merged:
            for name, node in source.items.items():
                if name not in items:
                    items[name] = node
                    keys[name] = source.keys[name]
        if merged:
            keys = {name: keys[name] for name in items}
        tag = _own(str(start.tag or ""))
        node = MapNode(items, self._where(start), tag, keys, _span(start, event))
        return node, _Size(nodes, levels)

    def _key(self, event: Any, depth: int, keys: Mapping[str, ScalarNode]) -> ScalarNode:
        key, _ = self._node(event, depth)
        if not isinstance(key, ScalarNode) or type(key.value) is not str:
            raise self._error(event, "a key must be a string", "quote it")
        if key.text in keys:
            first = keys[key.text].where.line
            raise self._error(
                event, f"key {key.text!r} is already on line {first}", "remove one of the two"
            )
        return key

    def _value(self, event: Any, depth: int, key: Any) -> tuple[Node, _Size]:
        """Return the node of a value; one that is not written stands where its key ends."""
        written = event.start_mark.index != event.end_mark.index or event.anchor
        if type(event).__name__ == "ScalarEvent" and not written:
            end = key.end_mark
            where = Where(self._file, end.line + 1, end.column + 1)
            return ScalarNode(None, where, span=(end.index, end.index)), _LEAF
        return self._node(event, depth)

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


def _own(tag: str) -> str:
    return "" if tag.startswith(_CORE) else tag


def _span(start: Any, end: Any) -> tuple[int, int]:
    return start.start_mark.index, end.end_mark.index
