"""Going through a tree."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ListNode, Node, ScalarNode


def scalars(node: Node) -> Iterator[ScalarNode]:
    """Yield every scalar of a tree, in order; those of an anchor once for each use."""
    if isinstance(node, ScalarNode):
        yield node
        return
    for item in node.items if isinstance(node, ListNode) else node.items.values():
        yield from scalars(item)
