"""Which names and host ports the compose files of a repository take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from seatrial.composefile.interpolate import substitute
from seatrial.composefile.reading import parse
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.errors import ConfigError

_NUMBERS = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+))?")
_HIGHEST = 65535


def names(text: str) -> frozenset[str]:
    """Return the services in ``text``; none where it is no YAML."""
    return frozenset(name for services in _services(text) for name in services.items)


def published(text: str) -> frozenset[int]:
    """Return the host ports in ``text``, variables being unset; none where it is no YAML."""
    return frozenset(port for services in _services(text) for port in _of_services(services))


def free(first: int, taken: Iterable[int]) -> int:
    """Return the first port from ``first`` upwards that is not ``taken``."""
    known = set(taken)
    return next(port for port in range(first, _HIGHEST + 1) if port not in known)


def _services(text: str) -> list[MapNode]:
    try:
        documents = parse(text, Path("docker-compose.yml"))
    except ConfigError:
        return []
    nodes = [root.get("services") for root in documents]
    return [node for node in nodes if isinstance(node, MapNode)]


def _of_services(services: MapNode) -> Iterator[int]:
    for service in services.items.values():
        ports = service.get("ports") if isinstance(service, MapNode) else None
        for entry in ports.items if isinstance(ports, ListNode) else ():
            yield from _of_entry(entry)


def _of_entry(entry: Node) -> Iterator[int]:
    """Yield the host's side of ``[ADDRESS:]HOST:CONTAINER`` or of ``{published: HOST}``."""
    node: Node | None = entry.items.get("published") if isinstance(entry, MapNode) else entry
    if not isinstance(node, ScalarNode):
        return
    try:
        text = substitute(str(node.text), {}, node.where, lambda _name, _where: None)
    except ConfigError:
        return
    if isinstance(entry, ScalarNode):
        parts = text.rsplit(":", 2)
        text = parts[-2] if len(parts) > 1 else ""
    if match := _NUMBERS.fullmatch(text):
        first = int(match["first"])
        yield from range(first, min(int(match["last"] or first), _HIGHEST) + 1)
