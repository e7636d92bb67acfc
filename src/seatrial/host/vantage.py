"""Where this process stands: in a container, behind which gateway, beside which socket's owner."""

from __future__ import annotations

import platform
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_ANSWER_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Vantage:
    """``gateway`` is the default route's address; ``kernel`` the running kernel's release."""

    in_container: bool
    gateway: str | None
    kernel: str


def vantage() -> Vantage:
    """Return where this process stands."""
    return Vantage(
        any(Path(mark).exists() for mark in _CONTAINER_MARKS), _gateway(), platform.release()
    )


def socket_owner(path: Path) -> int | None:
    """Return the pid that listens on a Unix socket; 0 where it lives in another PID namespace.

    ``None`` where nothing answers or the system cannot tell (only Linux can).
    """
    wanted = getattr(socket, "SO_PEERCRED", None)
    if wanted is None:
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_ANSWER_TIMEOUT)
            connection.connect(str(path))
            credentials = connection.getsockopt(socket.SOL_SOCKET, wanted, struct.calcsize("3i"))
    except OSError:
        return None
    pid: int = struct.unpack("3i", credentials)[0]
    return pid


def _gateway() -> str | None:
    """Return the default gateway of the main IPv4 table (``/proc/net/route``, little-endian)."""
    try:
        rows = Path("/proc/net/route").read_text().splitlines()[1:]
    except OSError:
        return None
    for row in rows:
        fields = row.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            return socket.inet_ntoa(struct.pack("<L", int(fields[2], 16)))
    return None
