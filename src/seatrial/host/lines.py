"""Bytes from pipes to lines of text."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable

# A line longer than this is cut into pieces of it: a program that writes no line ends must not
# fill the memory.
LONGEST_LINE = 64 * 1024
_CHUNK = 64 * 1024
# The most a pipe holds (/proc/sys/fs/pipe-max-size): a writer that never stops is not heard out.
_FULLEST_PIPE = 1024 * 1024


class LineSplitter:
    """Bytes in any pieces to whole lines of text; a cut UTF-8 character waits for its rest.

    ``longest`` is in characters; ``None`` is for writers that are known to end their lines.
    """

    def __init__(
        self, on_line: Callable[[str], None], *, longest: int | None = LONGEST_LINE
    ) -> None:
        self._on_line = on_line
        self._longest = longest
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Take ``data``; ``final`` flushes what has no line end."""
        *lines, self._rest = (self._rest + self._decoder.decode(data, final)).split("\n")
        for line in lines:
            self._on_line(line.removesuffix("\r"))
        while self._longest is not None and len(self._rest) > self._longest:
            self._on_line(self._rest[: self._longest])
            self._rest = self._rest[self._longest :]
        if final and self._rest:
            self._on_line(self._rest)
            self._rest = ""


class PipeReader:
    """Reads a pipe of our own.

    Not asyncio's: its ``wait`` returns only once the pipe is closed, and a grandchild that was left
    running holds it open.
    """

    def __init__(self, descriptor: int, splitter: LineSplitter) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor: int | None = descriptor
        self._splitter = splitter
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(descriptor, self._read)

    def _read(self) -> bool:
        """Take one piece; return whether there may be more."""
        if self._descriptor is None:
            return False
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if data:
            self._splitter.feed(data)
        else:
            self._close()
        return bool(data)

    def finish(self) -> None:
        """Take what is in the pipe now, then close it."""
        for _ in range(_FULLEST_PIPE // _CHUNK):
            if not self._read():
                break
        self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
            self._splitter.feed(b"", final=True)
