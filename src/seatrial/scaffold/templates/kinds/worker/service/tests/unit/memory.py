"""A queue in memory that keeps to the rules of the real one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from @{package}.queue import QueueLostError


class MemoryDelivery:
    def __init__(self, queue: MemoryQueue, body: bytes) -> None:
        self._queue = queue
        self.body = body

    async def finish(self, number: str, result: bytes) -> None:
        self._queue.results[number] = result
        self._queue.taken.remove(self.body)

    async def drop(self) -> None:
        self._queue.taken.remove(self.body)


class MemoryQueue:
    """`when_empty` is called when a message is asked for and none is there."""

    def __init__(self, *waiting: bytes, when_empty: Callable[[], None] = lambda: None) -> None:
        self.waiting = deque(waiting)
        self.taken: list[bytes] = []
        self.results: dict[str, bytes] = {}
        self.failures = 0
        self.when_empty = when_empty

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[MemoryQueue]:
        if self.failures > 0:
            self.failures -= 1
            raise QueueLostError("not there")
        # What was taken and not finished comes again.
        self.waiting.extendleft(self.taken)
        self.taken.clear()
        yield self

    async def take(self, seconds: float) -> MemoryDelivery | None:  # noqa: ARG002
        await asyncio.sleep(0)
        if not self.waiting:
            self.when_empty()
            return None
        body = self.waiting.popleft()
        self.taken.append(body)
        return MemoryDelivery(self, body)
