"""Which lines led to what a test does: those of its thread, or of the coroutine that awaits it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

# What a loop has a thread of its own do: to look names up.
_IN_A_THREAD = "getaddrinfo"


def here() -> Iterator[FrameType]:
    """Yield the frames of this thread, the innermost first."""
    return _outwards(sys._getframe(1))


def behind() -> Iterator[FrameType]:
    """Yield the frames of the coroutine that awaits a thread of its loop, then the main thread's.

    The innermost come first. Loops of other implementations than Python's are not seen through.
    """
    main = list(_outwards(sys._current_frames().get(threading.main_thread().ident or 0)))
    for frame in main:
        loop = frame.f_locals.get("self")
        if isinstance(loop, asyncio.BaseEventLoop):
            yield from _awaiting(loop)
            break
    yield from main


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _awaiting(loop: asyncio.AbstractEventLoop) -> list[FrameType]:
    for task in asyncio.all_tasks(loop):
        frames = _chain(task.get_coro())
        if any(frame.f_code.co_name == _IN_A_THREAD for frame in frames):
            return frames
    return []


def _chain(awaited: Any) -> list[FrameType]:
    frames: list[FrameType] = []
    while (frame := getattr(awaited, "cr_frame", None)) is not None:
        frames.insert(0, frame)
        awaited = awaited.cr_await
    return frames
