"""One lock per installed environment: many runs may use it, one may change it, never both.

The kernel drops a lock with the process that held it, so a killed run leaves nothing to clean up.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from hashlib import sha256
from pathlib import Path

# How often a lock that another run holds is tried again; flock(2) tells nobody when it is free.
_RETRY_SECONDS = 0.05


class EnvironmentLock:
    """The lock on the environment at ``home``, shared by all runs of this user."""

    def __init__(self, folder: Path, home: Path) -> None:
        """Open the lock file in ``folder``. Raises ``OSError`` where that cannot be written."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = sha256(os.fsencode(home)).hexdigest()[:24]
        self._fd: int | None = os.open(folder / f"{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)

    async def share(self) -> None:
        """Wait until nobody changes the environment, and keep it still from then on.

        Turning an exclusive lock into a shared one lets another run in between: look again after.
        """
        await self._take(fcntl.LOCK_SH)

    async def exclude(self) -> None:
        """Wait until nobody uses the environment, and keep everybody else out."""
        await self._take(fcntl.LOCK_EX)

    def try_exclude(self) -> bool:
        """Take it alone where nobody else holds it; return whether that was so."""
        if self._fd is None:
            return False
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    async def _take(self, kind: int) -> None:
        while self._fd is not None:
            try:
                fcntl.flock(self._fd, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                # Two runs that both hold it shared and both want it alone would wait for ever.
                fcntl.flock(self._fd, fcntl.LOCK_UN)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return
