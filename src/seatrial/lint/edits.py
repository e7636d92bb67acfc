"""Edits that rules make of a text: lines put in and taken out, as the file writes them."""

from __future__ import annotations

import re

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.model import Edit, Span

# An anchor or a comment.
_KEPT = re.compile(r"&|(?:^|[ \t])#", re.MULTILINE)


def newline(text: str) -> str:
    """Return the line ending of ``text``, as its first line has it."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def line_start(text: str, at: int) -> int:
    """Return where the line that ``at`` is in begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Return where the next line begins, or the end of the text."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def insert_after(text: str, section: MapNode, key: str, *lines: str) -> Edit | None:
    """Return an edit that puts ``lines`` below the entry ``key`` of a mapping, indented as it is.

    ``lines`` are whole entries of the same mapping; further levels bring their own indent. ``None``
    where there is no certain way: flow style (``{…}``), or the entry comes from elsewhere.
    """
    found = _entry(text, section, key)
    if found is None:
        return None
    begin, end = found
    # An entry that begins behind a dash is indented as if the dash were a space.
    indent, ending = " " * (begin - line_start(text, begin)), newline(text)
    at = line_end(text, end)
    body = "".join(f"{indent}{line}{ending}" for line in lines)
    if at and text[at - 1] != "\n":
        return Edit(Span(at, at), ending + body.removesuffix(ending))
    return Edit(Span(at, at), body)


def remove_entry(text: str, section: MapNode, key: str) -> Edit | None:
    """Return an edit that takes the entry ``key`` and its value out of a mapping, whole lines.

    ``None`` where there is no certain way: flow style, an entry from elsewhere, one that holds an
    anchor or a comment or follows a dash, the only one of its mapping.
    """
    found = _entry(text, section, key)
    if found is None or len(section.items) < 2:
        return None
    begin, end = line_start(text, found[0]), line_end(text, found[1])
    if text[begin : found[0]].strip(" ") or _KEPT.search(text, begin, end):
        return None
    return Edit(Span(begin, end), "")


def is_block(text: str, node: MapNode | ListNode) -> bool:
    """Return whether ``node`` is written over lines, not in ``{…}`` or ``[…]``."""
    return text[node.span[0] : node.span[0] + 1] not in ("{", "[")


def _entry(text: str, section: MapNode, key: str) -> tuple[int, int] | None:
    """Return from where to where an entry of a block mapping is written, comments behind it not."""
    node, value = section.keys.get(key), section.items.get(key)
    if node is None or value is None or not is_block(text, section):
        return None
    if not section.span[0] <= node.span[0] < section.span[1]:
        return None
    end = _end(value) if _within(value, section) else node.span[1]
    if end is None:
        return None
    # A block scalar runs on over its last line's end.
    while text[end - 1 : end] in ("\n", "\r"):
        end -= 1
    return node.span[0], max(end, node.span[1])


def _end(node: Node) -> int | None:
    """Return where a node's last character is; its own span runs on to what comes next.

    ``None`` where an alias stands last, whose node is elsewhere.
    """
    if isinstance(node, ScalarNode):
        return node.span[1]
    if isinstance(node, ListNode):
        if not node.items:
            return node.span[1]
        return _end(node.items[-1]) if _within(node.items[-1], node) else None
    own = [name for name, key in node.keys.items() if _within(key, node)]
    if not own:
        return node.span[1]
    last = max(own, key=lambda name: node.keys[name].span)
    value = node.items[last]
    return _end(value) if _within(value, node) else node.keys[last].span[1]


def _within(node: Node, outer: Node) -> bool:
    return outer.span[0] <= node.span[0] and node.span[1] <= outer.span[1]
