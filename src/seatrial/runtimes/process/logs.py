"""The log files of one environment: written by the services themselves, read by offset."""

from __future__ import annotations

import bisect
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.model.environment import LogLine

# A line is seldom longer; a tail reads this much a line at most.
_LINE_BYTES = 2048


@dataclass(slots=True)
class ServiceLog:
    """One service's log. ``marks`` are (seconds since the epoch, size of the file then)."""

    service: str
    path: Path
    marks: list[tuple[float, int]] = field(default_factory=list)

    def mark(self, at: float) -> None:
        """Remember how long the file is now."""
        self.marks.append((at, self._size()))

    def lines(self, since: float | None, tail: int) -> tuple[LogLine, ...]:
        """Return the newest lines that were written after the last mark up to ``since``.

        A file says nothing about its lines' times: a line has that of the last mark before it.
        """
        start = 0
        if since is not None:
            earlier = [offset for at, offset in self.marks if at <= since]
            start = earlier[-1] if earlier else 0
        end = self._size()
        start = max(start, end - tail * _LINE_BYTES)
        times = [at for at, _ in self.marks]
        offsets = [offset for _, offset in self.marks]
        found = []
        for raw in self._read(start, end):
            before = bisect.bisect_right(offsets, start) - 1
            start += len(raw) + 1
            at = times[before] if before >= 0 else 0.0
            found.append(LogLine(self.service, at, raw.decode(errors="replace").rstrip("\r")))
        return tuple(found[-tail:])

    def last(self, count: int = 20) -> tuple[str, ...]:
        """Return the last lines."""
        return tuple(line.text for line in self.lines(None, count))

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def _read(self, start: int, end: int) -> Sequence[bytes]:
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return ()
        try:
            data = os.pread(fd, max(end - start, 0), start)
        finally:
            os.close(fd)
        return data.removesuffix(b"\n").split(b"\n") if data else ()
