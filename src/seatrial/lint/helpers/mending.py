"""Where a fix may write: nodes that stand in one place of a file and are used in no other."""

from __future__ import annotations

import re

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.edits import insert_after
from seatrial.lint.model import Edit, Fix, Span

_ANCHOR = re.compile(r"(?:!\S*\s+)?&")


def own(document: ComposeDocument, *path: str) -> Node | None:
    """Return the node at ``path`` where it is written just there and has no anchor, nor has
    anything that it is in; ``None`` for a node of an alias or a merge, and one that others use.

    An item of a list is named by its number.
    """
    node: Node = document.root
    for key in path:
        below = _below(node, key)
        if below is None or _ANCHOR.match(document.text, below.span[0]):
            return None
        node = below
    return node


def own_map(document: ComposeDocument, *path: str) -> MapNode | None:
    """Return the mapping at ``path`` as :func:`own` does."""
    node = own(document, *path)
    return node if isinstance(node, MapNode) else None


def added(document: ComposeDocument, path: tuple[str, ...], after: str, line: str) -> Fix | None:
    """Return a fix that puts the entry ``line`` (``key: value``) into the mapping at ``path``.

    It goes below the entry ``after``. ``None`` where that is not certain.
    """
    section = own_map(document, *path)
    key = line.partition(":")[0]
    if section is None or key in section.items:
        return None
    edit = insert_after(document.text, section, after, line)
    return Fix((edit,), ((*path, key),)) if edit else None


def text_offset(document: ComposeDocument, node: ScalarNode, at: int) -> int | None:
    """Return where character ``at`` of a scalar's value stands in the file.

    ``None`` where the file writes the value in another way: escapes, several lines, a tag.
    """
    raw = document.text[slice(*node.span)]
    if raw == node.text:
        return node.span[0] + at
    return node.span[0] + 1 + at if raw[1:-1] == node.text and raw[:1] in ("'", '"') else None


def inserted(
    document: ComposeDocument, path: tuple[str, ...], at: int, text: str, changes: tuple[str, ...]
) -> Fix | None:
    """Return a fix that puts ``text`` at character ``at`` of the scalar at ``path``."""
    node = own(document, *path)
    offset = text_offset(document, node, at) if isinstance(node, ScalarNode) else None
    return None if offset is None else Fix((Edit(Span(offset, offset), text),), (changes,))


def quoted(
    document: ComposeDocument, path: tuple[str, ...], changes: tuple[str, ...]
) -> Fix | None:
    """Return a fix that puts the plain scalar at ``path`` between double quotes."""
    node = own(document, *path)
    if not isinstance(node, ScalarNode) or not node.plain or node.tag:
        return None
    raw = document.text[slice(*node.span)]
    if raw != node.text or '"' in raw or "\\" in raw:
        return None
    return Fix((Edit(Span(*node.span), f'"{raw}"'),), (changes,))


def _below(node: Node, key: str) -> Node | None:
    if isinstance(node, ListNode):
        value = node.items[int(key)] if key.isdecimal() and int(key) < len(node.items) else None
        begin = node.span[0]
    elif isinstance(node, MapNode) and key in node.keys and key in node.items:
        name, value = node.keys[key], node.items[key]
        if not node.span[0] <= name.span[0] < node.span[1]:
            return None
        begin = name.span[1]
    else:
        return None
    inside = value is not None and begin <= value.span[0] and value.span[1] <= node.span[1]
    return value if inside else None
