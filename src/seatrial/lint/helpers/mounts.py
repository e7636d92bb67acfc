"""Entries of ``volumes:`` and ``tmpfs:`` of a service, short and long."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.composefile.values import parse_volume
from seatrial.errors import ConfigError
from seatrial.lint.documents import ComposeService, scalar, words
from seatrial.lint.helpers.layers import nodes
from seatrial.lint.helpers.variables import value_of, with_defaults


@dataclass(frozen=True, slots=True)
class MountEntry:
    """One entry. ``kind`` is ``bind``, ``volume``, ``tmpfs``, …; ``unknown`` if a variable decides.

    A volume without ``source`` is anonymous. ``node`` is the entry in the file; ``source`` and
    ``target`` have variables' defaults filled in.
    """

    node: ScalarNode | MapNode
    kind: str
    source: str
    target: str
    read_only: bool = False


def mount_entries(node: Node | None) -> Iterator[MountEntry]:
    """Yield the entries of ``volumes:`` that can be understood."""
    for item in node.items if isinstance(node, ListNode) else ():
        entry = _long(item) if isinstance(item, MapNode) else _short(item)
        if entry is not None:
            yield entry


def mounts_of(service: ComposeService) -> Iterator[MountEntry]:
    """Yield the entries of a service over all files of its environment."""
    for layer in nodes(service):
        yield from mount_entries(layer.get("volumes"))


def tmpfs_of(service: ComposeService) -> frozenset[str]:
    """Return the folders of a service that lie in memory, over all files of its environment."""
    listed = (item for layer in nodes(service) for item in words(layer.get("tmpfs")))
    folders = {with_defaults(item.text).partition(":")[0] for item in listed}
    folders |= {entry.target for entry in mounts_of(service) if entry.kind == "tmpfs"}
    return frozenset(posixpath.normpath(folder) for folder in folders)


def _short(item: Node) -> MountEntry | None:
    if not isinstance(item, ScalarNode):
        return None
    text = with_defaults(item.text)
    # `${DATA}:/data` may be a folder or a volume's name: nobody knows.
    if text.startswith(":/"):
        # `${DATA}:/data` may be a folder or a volume: nobody knows.
        return MountEntry(item, "unknown", "", posixpath.normpath(text[1:].partition(":")[0]))
    try:
        found = parse_volume(text, item.where)
    except ConfigError:
        return None
    return MountEntry(
        item, found.kind, found.source or "", posixpath.normpath(found.target), found.read_only
    )


def _long(item: MapNode) -> MountEntry | None:
    target = value_of(item.get("target"))
    if not target:
        return None
    kind = scalar(item.get("type")) or "volume"
    read_only = value_of(item.get("read_only")) == "true"
    source = value_of(item.get("source"))
    return MountEntry(item, kind, source, posixpath.normpath(target), read_only)
