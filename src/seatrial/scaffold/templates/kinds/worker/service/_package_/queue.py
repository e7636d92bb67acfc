"""What the worker needs of a queue. `broker.py` has the real one, unit tests have one in memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class QueueLostError(ConnectionError):
    """The queue cannot be reached. To connect anew may help."""


class Delivery(Protocol):
    """A message that was taken. Unless it is finished or dropped, it comes again."""

    @property
    def body(self) -> bytes:
        """Return what was sent."""

    async def finish(self, number: str, result: bytes) -> None:
        """Keep the result under the job's number, then forget the message."""

    async def drop(self) -> None:
        """Forget the message."""


class Queue(Protocol):
    """All methods, and those of deliveries, raise `QueueLostError`."""

    async def take(self, seconds: float) -> Delivery | None:
        """Return the next message; nothing where none comes within `seconds`."""


# Opens a connection, and closes it at the end of the block. Raises `QueueLostError`.
Connect = Callable[[], AbstractAsyncContextManager[Queue]]
