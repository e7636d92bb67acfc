"""TCP ports of this machine: whether one is taken, and by whom."""

from __future__ import annotations

import contextlib
import errno
import socket
from pathlib import Path

_LISTEN = "0A"


def is_taken(address: str, port: int) -> bool:
    """Return whether somebody listens on ``port`` of ``address`` (empty for all addresses)."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Connections that are closed already do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def holder(port: int) -> str:
    """Return the program that listens on ``port`` and its pid; empty where that cannot be seen."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for folder in Path("/proc").glob("[0-9]*/fd") if wanted else ():
        if any(_target(link) in wanted for link in _entries(folder)):
            with contextlib.suppress(OSError):
                name = (folder.parent / "comm").read_text(errors="replace").strip()
                return f"{name} (process {folder.parent.name})"
    return ""


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(fields[9])
    return found
