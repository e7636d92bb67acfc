"""What this machine offers besides programs: memory file systems, limits, addresses, disk."""

from __future__ import annotations

import os
import re
import resource
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

# Any address of 127.0.0.0/8 beside the usual one; nobody listens on it by chance.
_ALIAS = "127.61.80.3"
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Space:
    """Where something would be kept: the file system's type, and its free bytes."""

    path: Path
    kind: str
    free: int


def memory_folder() -> Space | None:
    """Return the memory file system that every user may write; ``None`` where there is none."""
    path = Path("/dev/shm")
    if not os.access(path, os.W_OK):
        return None
    space = space_of(path)
    return space if space.kind in ("tmpfs", "ramfs") else None


def space_of(path: Path) -> Space:
    """Return what ``path`` lies on; it need not be there yet. The type is empty if unknown."""
    there = next(at for at in (path, *path.parents) if at.exists())
    return Space(path, _file_system(there.resolve()), shutil.disk_usage(there).free)


def open_files() -> int:
    """Return how many files a process of this user may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft != resource.RLIM_INFINITY else 1_000_000


def has_loopback_aliases() -> bool:
    """Return whether a process may listen on any address of 127.0.0.0/8, as Linux lets it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((_ALIAS, 0))
        except OSError:
            return False
    return True


def _file_system(path: Path) -> str:
    """Return the type of the mount that holds ``path``, by proc(5); empty without /proc."""
    try:
        lines = Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        fields, _, source = line.partition(" - ")
        point = _OCTAL.sub(lambda m: chr(int(m[1], 8)), fields.split()[4])
        if path.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), source.split()[0]
    return kind
