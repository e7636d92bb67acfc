"""Where an environment's files go: data in memory where there is room, logs on disk."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

MEMORY = Path("/dev/shm")
# A fresh PostgreSQL cluster takes 40 MB; the 64 MB of a container's default are too little.
_ROOM = 256 * 1024 * 1024
_CLOSED, _PASSABLE = 0o700, 0o711


@dataclass(frozen=True, slots=True)
class Rooms:
    """The two folders of one environment; ``in_memory`` says whether ``data`` is on tmpfs."""

    data: Path
    scratch: Path
    in_memory: bool

    def make(self) -> None:
        """Make both. A server that runs as another user must be able to pass to its data."""
        self.data.mkdir(mode=_PASSABLE if os.geteuid() == 0 else _CLOSED)
        self.scratch.mkdir(mode=_CLOSED)
        (self.scratch / "logs").mkdir()

    def log(self, service: str) -> Path:
        """Return the path of a service's log."""
        return self.scratch / "logs" / f"{service}.log"


def choose(temporary: Path, runtime: Path, memory: Path = MEMORY) -> Rooms:
    """Return names for a new environment's folders; makes nothing.

    Short ones: the path of PostgreSQL's socket must stay below 108 bytes.
    """
    name = f"seatrial-{secrets.token_hex(4)}"
    in_memory = has_room(memory)
    base = memory if in_memory else (runtime if _may_pass(runtime) else temporary)
    return Rooms(base / name, temporary / f"{name}-run", in_memory)


def has_room(folder: Path) -> bool:
    """Return whether an environment's data fits there and may be written."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK) and room.f_bavail * room.f_frsize >= _ROOM


def _may_pass(folder: Path) -> bool:
    """Return whether a server of ours reaches a folder in it: as root, others must pass too."""
    return os.geteuid() != 0 and has_room(folder)
