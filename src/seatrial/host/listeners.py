"""Which TCP ports the processes of a container listen on, read from this machine's ``/proc``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_LISTEN = "0A"
_LOOPBACK = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")
# Where the engine's own resolver listens inside every container.
_RESOLVER = "0B00007F"


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; ``loopback`` where nobody outside its network namespace gets in."""

    port: int
    loopback: bool


def listeners(pid: int, container: str) -> frozenset[Listener] | None:
    """Return the listeners in the network namespace of ``pid``.

    ``None`` where that process is gone, cannot be read, or is not of ``container`` (whose id is in
    the name of its control group): a pid that an engine in a virtual machine told means another
    process here.
    """
    home = Path("/proc") / str(pid)
    try:
        if container not in (home / "cgroup").read_text():
            return None
        four = (home / "net/tcp").read_text()
    except OSError:
        return None
    try:
        six = (home / "net/tcp6").read_text()
    except OSError:
        six = ""
    return parsed(four) | parsed(six)


def parsed(table: str) -> frozenset[Listener]:
    """Return the listeners of a ``/proc/net/tcp`` or ``tcp6`` table."""
    found = set()
    for row in table.splitlines()[1:]:
        fields = row.split()
        if len(fields) > 3 and fields[3] == _LISTEN:
            address, _, port = fields[1].partition(":")
            if address != _RESOLVER:
                found.add(Listener(int(port, 16), address in _LOOPBACK))
    return frozenset(found)
