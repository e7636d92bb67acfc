"""Entries of ``ports:``, short and long, variables and all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import scalar
from seatrial.lint.helpers.variables import with_defaults

# A host part may hold `${PORT:-8000}`, whose colon parts nothing.
_PART = r"(?:\$\{[^}]*\}|\$(?!\{)|[^:/\[\]$])"
_SHORT = re.compile(
    rf"(?:(?:(?P<ip>\[[^\]]*\]|{_PART}*):)?(?P<host>{_PART}*):)?(?P<target>{_PART}+)(?P<proto>/\w+)?"
)


@dataclass(frozen=True, slots=True)
class PortEntry:
    """One entry. ``host`` is what the file says of the host's port, empty for nothing.

    ``begin`` is where the host part starts in the scalar's own text; it means nothing in the long
    form.
    """

    node: ScalarNode | MapNode
    ip: str
    host: str
    target: str
    protocol: str = "tcp"
    begin: int = 0

    @property
    def published(self) -> str:
        """Return the host's port where no variable is set; empty where the engine chooses."""
        port = with_defaults(self.host)
        return "" if port == "0" else port

    @property
    def shown(self) -> str:
        """Return the host's port as a message calls it: ``53/udp``, ``8000``."""
        return self.published if self.protocol == "tcp" else f"{self.published}/{self.protocol}"

    @property
    def fixed(self) -> bool:
        """Return whether it is one number (or a range for as many container ports), not chance."""
        port = self.published
        if "-" not in port:
            return port.isdecimal()
        return "-" in with_defaults(self.target)


def port_entries(node: Node | None) -> Iterator[PortEntry]:
    """Yield the entries of ``ports:`` that can be understood."""
    for item in node.items if isinstance(node, ListNode) else ():
        entry = _long(item) if isinstance(item, MapNode) else _short(item)
        if entry is not None:
            yield entry


def _short(item: Node) -> PortEntry | None:
    if not isinstance(item, ScalarNode):
        return None
    match = _SHORT.fullmatch(item.text)
    if match is None:
        return None
    protocol = (match["proto"] or "/tcp")[1:].lower()
    begin = max(match.start("host"), 0)
    return PortEntry(item, match["ip"] or "", match["host"] or "", match["target"], protocol, begin)


def _long(item: MapNode) -> PortEntry | None:
    target = scalar(item.get("target"))
    if target is None or item.tag:
        return None
    host, ip = scalar(item.get("published")) or "", scalar(item.get("host_ip")) or ""
    return PortEntry(item, ip, host, target, scalar(item.get("protocol")) or "tcp")
