"""Volumes, networks, secrets and configs: which are declared, and which services use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, scalar
from seatrial.lint.helpers.layers import all_services, trees
from seatrial.lint.helpers.mounts import mount_entries
from seatrial.lint.helpers.variables import settled, with_defaults
from seatrial.lint.model import Span

SECTIONS = ("volumes", "networks", "secrets", "configs")


@dataclass(frozen=True, slots=True)
class Use:
    """A service's use of a top-level entry ``name`` of ``section``."""

    section: str
    name: str
    span: Span


def declared(document: ComposeDocument, section: str) -> frozenset[str]:
    """Return the entries of a top-level section, over all files of the environment."""
    nodes = [tree.get(section) for tree in trees(document)]
    return frozenset(name for node in nodes if isinstance(node, MapNode) for name in node.items)


def used(document: ComposeDocument, section: str) -> frozenset[str]:
    """Return the entries of a section that services use, over all files of the environment."""
    return frozenset(
        use.name
        for layers in all_services(document).values()
        for layer in layers
        for use in uses(layer)
        if use.section == section
    )


def uses(service: MapNode) -> Iterator[Use]:
    """Yield what one file says that a service uses. A name may be empty: a variable decides it."""
    for entry in mount_entries(service.get("volumes")):
        unknown = entry.kind == "unknown" or (entry.kind == "volume" and _variable(entry.node))
        if unknown or (entry.kind == "volume" and entry.source and "/" not in entry.source):
            yield Use("volumes", entry.source, Span(*entry.node.span))
    yield from _keys("networks", service.get("networks"))
    yield from _keys("secrets", service.get("secrets"))
    yield from _keys("configs", service.get("configs"))
    build = service.get("build")
    if isinstance(build, MapNode):
        yield from _keys("secrets", build.get("secrets"))


def _keys(section: str, node: Node | None) -> Iterator[Use]:
    if isinstance(node, MapNode):
        for name, key in node.keys.items():
            yield Use(section, name, Span(*key.span))
    for item in node.items if isinstance(node, ListNode) else ():
        if isinstance(item, ScalarNode):
            yield Use(section, with_defaults(item.text), Span(*item.span))
        elif isinstance(item, MapNode):
            source = item.get("source")
            text = scalar(source)
            if source is not None and text is not None:
                yield Use(section, with_defaults(text), Span(*source.span))


def _variable(node: ScalarNode | MapNode) -> bool:
    return isinstance(node, MapNode) and not settled(scalar(node.get("source")) or "")
