"""A compose file as lines and as a tree, and where its sections and entries stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.reading import parse
from seatrial.composefile.tree import MapNode, ScalarNode, is_null
from seatrial.errors import ConfigError, Where


def is_comment(line: str) -> bool:
    """Return whether ``line`` holds a comment and nothing else."""
    return line.lstrip().startswith("#")


@dataclass(frozen=True, slots=True)
class Document:
    """One compose file; lines count from 0 and keep their ends."""

    text: str
    lines: tuple[str, ...]
    root: MapNode

    @classmethod
    def of(cls, text: str, file: Path) -> Document:
        """Parse ``text``; one that holds nothing but comments is an empty mapping.

        Raises ``ConfigError`` for broken YAML, several documents, and sections that are no mapping.
        """
        lines = tuple(f"{line}\n" for line in text.split("\n"))
        last = text.rpartition("\n")[2]
        lines = (*lines[:-1], last) if last else lines[:-1]
        if all(not line.strip() or is_comment(line) for line in lines):
            empty = MapNode({}, Where(file, 1), span=(len(text), len(text)))
            return cls(text, lines, empty)
        documents = parse(text, file)
        if len(documents) > 1:
            where = documents[1].where
            raise ConfigError("a second document in one file", where=where, mend="keep one")
        return cls(text, lines, documents[0])

    def sections(self) -> list[str]:
        """Return the top-level keys that hold mappings."""
        return [name for name, node in self.root.items.items() if isinstance(node, MapNode)]

    def entries(self, section: str) -> tuple[str, ...]:
        """Return the names in a section; none where it is null or missing."""
        node = self.root.items.get(section)
        if isinstance(node, MapNode):
            return tuple(node.items)
        if is_null(node):
            return ()
        raise ConfigError(
            f"{section}: must be a mapping",
            where=self.root.where_of(section),
            mend="write its entries as name: value",
        )

    def line(self, section: str) -> int:
        """Return the line of a section's key."""
        return self._line(self.root.keys[section])

    def after(self, section: str) -> int:
        """Return the line after all that may belong to a section."""
        start = self.line(section)
        later = (self._line(key) for key in self.root.keys.values())
        return min((line for line in later if line > start), default=self.end)

    @property
    def end(self) -> int:
        """Return the line after the last one of the document."""
        offset = self.root.span[1]
        if not self.text[offset:].strip():
            return len(self.lines)
        return self.text.count("\n", 0, offset)

    @property
    def outer_column(self) -> int:
        """Return the column of the top-level keys, from 0."""
        return min((self._column(key) for key in self.root.keys.values()), default=0)

    def depth(self, indent: int) -> int:
        """Return how much deeper than its section the first entry stands; ``indent`` if none is."""
        depths = (
            self._column(next(iter(node.keys.values()))) - self._column(self.root.keys[name])
            for name, node in self.root.items.items()
            if isinstance(node, MapNode) and node.keys
        )
        return next((depth for depth in depths if depth > 0), indent)

    def column(self, section: str, indent: int) -> int:
        """Return the column of a section's entries; where it has none, as deep as in others."""
        own = self._column(self.root.keys[section])
        node = self.root.items[section]
        if isinstance(node, MapNode) and node.keys:
            return max(self._column(next(iter(node.keys.values()))), own + 1)
        return own + self.depth(indent)

    def top_of(self, section: str, name: str) -> int:
        """Return the first line of an entry, with the comments right above it."""
        first = self._line(self._keys(section)[name])
        while is_comment(self.lines[first - 1]):
            first -= 1
        return first

    def block(self, section: str, name: str) -> tuple[str, ...]:
        """Return an entry's lines with the comments right above it, not indented, without ends."""
        keys = self._keys(section)
        column = self._column(keys[name])
        first = self._line(keys[name])
        starts = (self._line(key) for key in keys.values())
        last = min((line for line in starts if line > first), default=self.after(section))
        lines = [line.rstrip("\r\n") for line in self.lines]
        while not lines[last - 1].strip() or (
            is_comment(lines[last - 1]) and self._indent(lines[last - 1]) <= column
        ):
            last -= 1
        top = self.top_of(section, name)
        return tuple(line[column:] if line.strip() else "" for line in lines[top:last])

    def _keys(self, section: str) -> dict[str, ScalarNode]:
        node = self.root.items[section]
        assert isinstance(node, MapNode)
        return node.keys

    def _line(self, key: ScalarNode) -> int:
        return self.text.count("\n", 0, key.span[0])

    def _column(self, key: ScalarNode) -> int:
        return key.span[0] - (self.text.rfind("\n", 0, key.span[0]) + 1)

    @staticmethod
    def _indent(line: str) -> int:
        return len(line) - len(line.lstrip())
