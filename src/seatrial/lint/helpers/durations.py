"""Durations as Compose writes them."""

from __future__ import annotations

from seatrial.composefile.tree import Node, ScalarNode
from seatrial.composefile.values import seconds as parsed
from seatrial.errors import ConfigError
from seatrial.lint.helpers.variables import value_of


def seconds(node: Node | None) -> float | None:
    """Return a duration in seconds; ``None`` where there is none or it cannot be understood."""
    text = value_of(node)
    if not text or not isinstance(node, ScalarNode):
        return None
    try:
        return parsed(text, node.where, "a duration")
    except ConfigError:
        return None
