"""Who listens on this machine, asked without a connection that a server would notice."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.host.system import group_members

_CONNECT_SECONDS = 0.2
# Asked of the kernel's socket monitor, see sock_diag(7): only listening sockets, in 0.03 ms.
# Reading /proc/net/tcp takes 1.5 ms each time and is for kernels that have no monitor.
_NETLINK_SOCK_DIAG, _BY_FAMILY = 4, 20
_REQUEST_DUMP = 0x301
_DONE, _ERROR = 3, 2
_LISTEN_STATE = 10
_HEADER, _QUESTION = struct.Struct("=IHHII"), struct.Struct("=BBBxI48x")
# family, state; source port, source address; inode: the rest is not asked for.
_ANSWER = struct.Struct("=BB2x2s2x16s16x12x16xI")
_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; ``host`` is empty for one on all interfaces."""

    host: str
    port: int
    inode: str


def listeners() -> tuple[Listener, ...] | None:
    """Return all of them, ``None`` where the system does not tell (macOS)."""
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:
        return None
    try:
        with socket.socket(family, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as monitor:
            return (*_asked(monitor, socket.AF_INET), *_asked(monitor, socket.AF_INET6))
    except OSError:
        return _read() if _TABLES[0].exists() else None


def _asked(monitor: socket.socket, family: int) -> list[Listener]:
    question = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, 1 << _LISTEN_STATE)
    size = _HEADER.size + len(question)
    monitor.sendto(_HEADER.pack(size, _BY_FAMILY, _REQUEST_DUMP, 1, 0) + question, (0, 0))
    found: list[Listener] = []
    while True:
        data = monitor.recv(1 << 16)
        while data:
            length, kind, *_ = _HEADER.unpack_from(data)
            if kind == _DONE:
                return found
            if kind == _ERROR:
                raise OSError("the kernel has no socket monitor")
            _, _, port, address, inode = _ANSWER.unpack_from(data, _HEADER.size)
            source = address[:4] if family == socket.AF_INET else address
            found.append(Listener(_host(source), int.from_bytes(port, "big"), str(inode)))
            data = data[length:]


def _read() -> tuple[Listener, ...]:
    found = []
    for table in _TABLES:
        with contextlib.suppress(OSError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if int(fields[3], 16) == _LISTEN_STATE:
                    address, _, port = fields[1].partition(":")
                    # Words of four bytes in this machine's own order.
                    words = (bytes.fromhex(address[i : i + 8]) for i in range(0, len(address), 8))
                    raw = b"".join(w[::-1] if sys.byteorder == "little" else w for w in words)
                    found.append(Listener(_host(raw), int(port, 16), fields[9]))
    return tuple(found)


def _host(address: bytes) -> str:
    if not any(address):
        return ""
    if address.startswith(_MAPPED):
        address = address.removeprefix(_MAPPED)
    family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
    return socket.inet_ntop(family, address)


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
