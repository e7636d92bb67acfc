"""Time as a run sees it."""

from __future__ import annotations

import time


class Clock:
    """Seconds since a run began, by the monotonic clock, and the moment on the wall."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self.started = time.time()

    def at(self) -> float:
        """Return seconds since the run began."""
        return time.monotonic() - self._start

    def wall(self) -> float:
        """Return seconds since the epoch, steady within this run."""
        return self.started + self.at()
