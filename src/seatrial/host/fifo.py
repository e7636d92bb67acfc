"""A named pipe that several short-lived writers may open one after another."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from seatrial.host.lines import LineSplitter

_CHUNK = 256 * 1024


class Fifo:
    """The reading end of a FIFO; lines go to ``on_line`` in the running event loop.

    A writer that comes and goes does not end it, because this process holds a writing end too. A
    writer that outlives it gets ``EPIPE`` and not a hang.
    """

    def __init__(self, path: Path, on_line: Callable[[str], None]) -> None:
        os.mkfifo(path, 0o600)
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._splitter = LineSplitter(on_line)
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._splitter.feed(os.read(self._fd, _CHUNK))

    def close(self) -> None:
        """Take what is still in the pipe, then remove it."""
        asyncio.get_running_loop().remove_reader(self._fd)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._splitter.feed(os.read(self._fd, _CHUNK))
        self._splitter.feed(b"", final=True)
        os.close(self._fd)
        self.path.unlink(missing_ok=True)
