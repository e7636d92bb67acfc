"""A YAML file as a tree of nodes that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from seatrial.composefile.scalars import Value
from seatrial.errors import Where


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A leaf. ``text`` is what stands in the file, ``span`` its offsets in characters."""

    value: Value
    where: Where
    tag: str = ""
    text: str = ""
    plain: bool = True
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class ListNode:
    """A sequence."""

    items: tuple[Node, ...]
    where: Where
    tag: str = ""
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping. ``keys`` holds the key's own node for every entry that a file wrote."""

    items: dict[str, Node]
    where: Where
    tag: str = ""
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    span: tuple[int, int] = (0, 0)

    def where_of(self, key: str) -> Where:
        """Return where ``key`` is written, else where its value or this mapping is."""
        if key in self.keys:
            return self.keys[key].where
        return self.items[key].where if key in self.items else self.where

    def get(self, key: str) -> Node | None:
        """Return the value of ``key``; ``None`` where it is absent or null."""
        node = self.items.get(key)
        return None if type(node) is ScalarNode and node.value is None else node


Node: TypeAlias = ScalarNode | ListNode | MapNode


def is_null(node: Node | None) -> bool:
    """Return whether ``node`` is absent or YAML's null."""
    return node is None or (isinstance(node, ScalarNode) and node.value is None)
