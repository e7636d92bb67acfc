"""One at a time: a lock file that the kernel frees with the process that holds it."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from seatrial.errors import EnvironmentFailure

# The kernel wakes a thread that waits for a lock, but a thread cannot be interrupted.
_LOOK = 0.1


@asynccontextmanager
async def alone(path: Path, waiting: Callable[[str], None]) -> AsyncIterator[None]:
    """Hold the lock of ``path``, a file that is made and stays; wait while somebody else has it.

    ``waiting`` is told the holder's process id, once, where there is one to wait for. Raises
    ``EnvironmentFailure`` where the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EnvironmentFailure(
            f"no lock can be written in {path.parent}: {error.strerror}",
            mend="make room or make the folder writable",
        ) from None
    try:
        told = False
        while not _locked(descriptor):
            if not told:
                told = True
                waiting(os.pread(descriptor, 20, 0).decode(errors="replace").strip())
            await asyncio.sleep(_LOOK)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
