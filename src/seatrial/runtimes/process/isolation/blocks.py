"""Address blocks: one 127.x.y.0/24 per environment, taken under a lock.

A block is a lock file that its environment holds for as long as it lives. An environment that is
kept outlives the lock's holder, so the file also lists its processes: a block whose processes are
alive is taken, locked or not. Another user's environments lock elsewhere; every port is test-bound
before it is used, so a block that both chose costs a moved port and no more.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from seatrial.errors import EnvironmentFailure
from seatrial.host.system import is_alive, start_time

# 127.64.0.0 to 127.127.255.0: away from 127.0.0.1, 127.0.1.1 and 127.0.0.53 that systems use.
_FIRST, _LAST = 64, 128
_COUNT = (_LAST - _FIRST) * 256


class Block:
    """A taken block; ``prefix`` is its first three numbers."""

    def __init__(self, path: Path, fd: int) -> None:
        self.prefix = path.name
        self._path = path
        self._fd: int | None = fd

    def host(self, number: int) -> str:
        """Return an address of the block."""
        return f"{self.prefix}.{number}"

    def holds(self, pids: Iterable[int]) -> None:
        """Write down the processes that live here."""
        if self._fd is None:
            return
        alive = {str(pid): started for pid in pids if (started := start_time(pid))}
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, json.dumps(alive).encode(), 0)

    def close(self, *, empty: bool = True) -> None:
        """Let go of the lock; the file goes too where nothing lives here any more."""
        if self._fd is None:
            return
        if empty:
            self._path.unlink(missing_ok=True)
        os.close(self._fd)
        self._fd = None


def take(folder: Path, seed: int) -> Block:
    """Return a block that nobody has, looking from ``seed`` on.

    Raises ``EnvironmentFailure`` where all 16384 are taken, ``OSError`` where ``folder`` cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for i in range(_COUNT):
        number = (seed + i) % _COUNT
        path = folder / f"127.{_FIRST + number // 256}.{number % 256}"
        if (block := _try(path)) is not None:
            return block
    raise EnvironmentFailure(
        "no free address block in 127.64.0.0/10",
        mend="remove environments that were kept: seatrial gc",
    )


def reopen(folder: Path, prefix: str, ours: Mapping[int, str]) -> Block | None:
    """Return the block that an environment had, ``None`` where somebody else has it by now.

    ``ours`` are its live processes with their start times: they do not count as somebody else.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _try(folder / prefix, {str(pid): started for pid, started in ours.items()})


def prune(folder: Path) -> None:
    """Remove the files of blocks that nobody has, as ``kill -9`` leaves them."""
    for path in folder.glob("127.*"):
        if (block := _try(path)) is not None:
            block.close()


def _try(path: Path, ours: Mapping[str, str] = MappingProxyType({})) -> Block | None:
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    # Who held it may have removed the file between our open and our lock.
    gone = not path.exists() or os.fstat(fd).st_ino != path.stat().st_ino
    if gone or _inhabited(fd, ours):
        os.close(fd)
        return None
    return Block(path, fd)


def _inhabited(fd: int, ours: Mapping[str, str]) -> bool:
    try:
        facts = json.loads(os.pread(fd, 1 << 20, 0) or b"{}")
        others = [(pid, start) for pid, start in facts.items() if ours.get(pid) != start]
        return any(is_alive(int(pid), started) for pid, started in others)
    except (ValueError, AttributeError):
        return False
