"""Typed values out of one mapping of the tree; every complaint names the key and its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.schema import check_kind
from seatrial.composefile.tree import ListNode, MapNode, Node, is_null
from seatrial.composefile.values import seconds, split_command
from seatrial.errors import ConfigError

_T = TypeVar("_T")
# YAML 1.1's words, which Compose still takes where a boolean comes as a string.
_BOOLEANS = {
    **dict.fromkeys(("true", "y", "yes", "on"), True),
    **dict.fromkeys(("false", "n", "no", "off"), False),
}


class Fields:
    """One mapping; ``path`` is how messages call it. What is absent or null reads as nothing."""

    def __init__(self, node: MapNode, path: str) -> None:
        self.node = node
        self.path = path

    def inner(self, key: str) -> Fields | None:
        """Return the mapping below ``key``."""
        node = self.node.get(key)
        return Fields(node, f"{self.path}.{key}") if isinstance(node, MapNode) else None

    def text(self, key: str) -> str | None:
        """Return a scalar as text."""
        node = self.node.get(key)
        return None if node is None else scalar_text(node)

    def items(self, key: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        node = self.node.get(key)
        return node.items if isinstance(node, ListNode) else ()

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the items of a list as texts."""
        for item in self.items(key):
            check_kind(item, "s", f"an item of {self.path}.{key}")
        return tuple(scalar_text(item) for item in self.items(key))

    def optional_texts(self, key: str, kinds: str = "sbn0") -> dict[str, str | None]:
        """Return a mapping of values of ``kinds`` as texts; null stays ``None``."""
        node = self.node.get(key)
        if not isinstance(node, MapNode):
            return {}
        for name, item in node.items.items():
            check_kind(item, kinds, f"{self.path}.{key}.{name}")
        return {name: None if is_null(item) else _joined(item) for name, item in node.items.items()}

    def words(self, key: str) -> tuple[str, ...] | None:
        """Return a command, split where it is a string."""
        node = self.node.get(key)
        if node is None:
            return None
        if isinstance(node, ListNode):
            return self.texts(key)
        return split_command(scalar_text(node), node.where, f"{self.path}.{key}")

    def boolean(self, key: str) -> bool | None:
        """Return a truth value."""
        return self._parsed(key, lambda text: _BOOLEANS[text.lower()], "true or false")

    def integer(self, key: str) -> int | None:
        """Return a whole number."""
        return self._parsed(key, int, "a whole number")

    def seconds(self, key: str) -> float | None:
        """Return a duration."""
        node = self.node.get(key)
        if node is None:
            return None
        return seconds(scalar_text(node), node.where, f"{self.path}.{key}")

    def _parsed(self, key: str, parse: Callable[[str], _T], wanted: str) -> _T | None:
        node = self.node.get(key)
        if node is None:
            return None
        text = scalar_text(node)
        try:
            return parse(text)
        except (ValueError, KeyError):
            raise ConfigError(
                f"{self.path}.{key} must be {wanted}, not {text!r}",
                where=node.where,
                mend=f"write {wanted}",
            ) from None


def _joined(node: Node) -> str:
    if isinstance(node, ListNode):
        return ",".join(scalar_text(item) for item in node.items)
    return scalar_text(node)
