"""Variables of ``environment:`` and of ``build.args``, in both forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode, is_null
from seatrial.lint.helpers.variables import with_defaults
from seatrial.lint.model import Span


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: ``raw`` is its value as the file has it, ``None`` where the shell gives it."""

    name: str
    raw: str | None
    span: Span

    @property
    def value(self) -> str:
        """Return the value with defaults filled in; empty where the file does not say."""
        return with_defaults(self.raw or "")


def variables(node: Node | None) -> Iterator[Variable]:
    """Yield the variables of a mapping, or of a list of ``NAME=value``."""
    if isinstance(node, MapNode):
        for name, value in node.items.items():
            span = Span(*(node.keys[name].span if is_null(value) else value.span))
            if is_null(value):
                yield Variable(name, None, span)
            elif isinstance(value, ScalarNode):
                yield Variable(name, value.text, span)
    elif isinstance(node, ListNode):
        for item in node.items:
            if isinstance(item, ScalarNode):
                name, separator, raw = item.text.partition("=")
                yield Variable(name, raw if separator else None, Span(*item.span))
