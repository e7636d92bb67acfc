"""The queue in Redis: a stream that a group of workers reads, and a key for each result.

Who has a job adds it to the stream:

    XADD @{service}:jobs * job '{"id": "7", "text": "…"}'

and finds the result for an hour:

    GET @{service}:result:7
"""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from @{package}.queue import Delivery, QueueLostError
from @{package}.settings import Settings

STREAM = "@{service}:jobs"
GROUP = "workers"
FIELD = b"job"
RESULT = "@{service}:result:"
RESULT_SECONDS = 3600


@contextmanager
def or_lost() -> Iterator[None]:
    """Turn the library's errors into the one that the worker knows."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise QueueLostError(str(error)) from error


class RedisDelivery:
    """An entry of the stream that the group has given to this worker."""

    def __init__(self, redis: Redis, entry: bytes, body: bytes) -> None:
        self._redis = redis
        self._entry = entry
        self.body = body

    async def finish(self, number: str, result: bytes) -> None:
        with or_lost():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(RESULT + number, result, ex=RESULT_SECONDS)
                pipe.xack(STREAM, GROUP, self._entry)
                pipe.xdel(STREAM, self._entry)
                await pipe.execute()

    async def drop(self) -> None:
        with or_lost():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xack(STREAM, GROUP, self._entry)
                pipe.xdel(STREAM, self._entry)
                await pipe.execute()


class RedisQueue:
    """The stream, read as one of the group."""

    def __init__(self, redis: Redis, job_seconds: float) -> None:
        self._redis = redis
        self._job_seconds = job_seconds
        self._name = socket.gethostname()
        self._next_look = 0.0

    async def take(self, seconds: float) -> Delivery | None:
        with or_lost():
            return await self._lost() or await self._new(seconds)

    async def _lost(self) -> Delivery | None:
        """Take over a job that a worker took too long ago and did not finish."""
        now = time.monotonic()
        if now < self._next_look:
            return None
        idle = int(self._job_seconds * 1000)
        answer: Any = await self._redis.xautoclaim(STREAM, GROUP, self._name, idle, count=1)
        for entry, fields in answer[1]:
            return RedisDelivery(self._redis, entry, fields.get(FIELD, b""))
        self._next_look = now + self._job_seconds
        return None

    async def _new(self, seconds: float) -> Delivery | None:
        wait = int(min(seconds, self._job_seconds) * 1000)
        answer: Any = await self._redis.xreadgroup(
            GROUP, self._name, {STREAM: ">"}, count=1, block=wait
        )
        for _, entries in answer or ():
            for entry, fields in entries:
                return RedisDelivery(self._redis, entry, fields.get(FIELD, b""))
        return None


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[RedisQueue]:
    """Open the queue, and make stream and group where they are not there yet."""
    redis = Redis.from_url(settings.queue_url, socket_connect_timeout=3, socket_timeout=5)
    try:
        with or_lost():
            try:
                await redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
        yield RedisQueue(redis, settings.job_seconds)
    finally:
        with suppress(RedisError, OSError):
            await redis.aclose()
