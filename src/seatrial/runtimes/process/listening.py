"""Who listens on this machine, asked without a connection that a server would notice."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.host.system import group_members

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_LISTEN = "0A"
_V4_LENGTH = 8
_MAPPED = "0000000000000000FFFF0000"
_CONNECT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; ``host`` is empty for one on all interfaces."""

    host: str
    port: int
    inode: str


def listeners() -> tuple[Listener, ...] | None:
    """Return all of them, ``None`` where the system does not tell (macOS)."""
    found: list[Listener] = []
    for table in _TABLES:
        try:
            text = table.read_text()
        except OSError:
            continue
        for line in text.splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTEN:
                address, _, port = fields[1].partition(":")
                found.append(Listener(_host(address), int(port, 16), fields[9]))
    return tuple(found) if _TABLES[0].exists() else None


def _host(address: str) -> str:
    if not address.strip("0"):
        return ""
    if len(address) > _V4_LENGTH:
        if not address.startswith(_MAPPED):
            return address
        address = address.removeprefix(_MAPPED)
    return socket.inet_ntoa(bytes.fromhex(address)[::-1])


def is_listening(host: str, ports: Collection[int], leader: int) -> bool:
    """Return whether the session of ``leader`` listens on one of ``ports`` of ``host``.

    A listener on that very address can only be it; one on all interfaces may be somebody else's.
    """
    found = listeners()
    if found is None:
        return any(_connects(host, port) for port in ports)
    mine = [one for one in found if one.port in ports]
    if any(one.host == host for one in mine):
        return True
    shared = {one.inode for one in mine if one.host == ""}
    return bool(shared) and not shared.isdisjoint(_sockets(leader))


def on_all_interfaces(leader: int) -> set[int]:
    """Return the ports that the session of ``leader`` listens to on all interfaces."""
    own = set(_sockets(leader))
    return {one.port for one in listeners() or () if one.host == "" and one.inode in own}


def _sockets(leader: int) -> Iterator[str]:
    for pid in group_members(leader):
        with contextlib.suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    target = str(entry.readlink())
                    if target.startswith("socket:["):
                        yield target[8:-1]


def _connects(host: str, port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(_CONNECT_SECONDS)
        return probe.connect_ex((host, port)) == 0
