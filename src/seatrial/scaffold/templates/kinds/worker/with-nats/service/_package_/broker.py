"""The queue in NATS: a stream that a group of workers reads, and a bucket of results.

Who has a job publishes it:

    nats pub @{service}.jobs '{"id": "7", "text": "…"}'

and finds the result for an hour:

    nats kv get @{service}-results 7
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import nats
from nats.aio.msg import Msg
from nats.errors import Error, TimeoutError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy
from nats.js.kv import KeyValue

from @{package}.queue import Delivery, QueueLostError
from @{package}.settings import Settings

STREAM = "@{service}-jobs"
SUBJECT = "@{service}.jobs"
GROUP = "workers"
RESULTS = "@{service}-results"
RESULT_SECONDS = 3600


@contextmanager
def or_lost() -> Iterator[None]:
    """Turn the library's errors into the one that the worker knows."""
    try:
        yield
    except (Error, OSError) as error:
        raise QueueLostError(str(error)) from error


class NatsDelivery:
    """A message of the stream that the group has given to this worker."""

    def __init__(self, results: KeyValue, message: Msg) -> None:
        self._results = results
        self._message = message
        self.body = message.data

    async def finish(self, number: str, result: bytes) -> None:
        with or_lost():
            await self._results.put(number, result)
            await self._message.ack_sync(timeout=5)

    async def drop(self) -> None:
        with or_lost():
            await self._message.term()


class NatsQueue:
    """The stream, read as one of the group."""

    def __init__(self, jobs: JetStreamContext.PullSubscription, results: KeyValue) -> None:
        self._jobs = jobs
        self._results = results

    async def take(self, seconds: float) -> Delivery | None:
        with or_lost():
            try:
                (message,) = await self._jobs.fetch(1, timeout=seconds)
            except TimeoutError:
                return None
        return NatsDelivery(self._results, message)


async def log_only(error: Exception) -> None:
    """Leave errors of the connection to whoever uses it next."""


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[NatsQueue]:
    """Open the queue, and make stream, group and bucket where they are not there yet."""
    with or_lost():
        client = await nats.connect(
            settings.queue_url, allow_reconnect=False, connect_timeout=3, error_cb=log_only
        )
    try:
        with or_lost():
            stream = client.jetstream(timeout=5)
            await stream.add_stream(
                name=STREAM, subjects=[SUBJECT], retention=RetentionPolicy.WORK_QUEUE
            )
            await stream.add_consumer(
                STREAM, ConsumerConfig(durable_name=GROUP, ack_wait=settings.job_seconds)
            )
            jobs = await stream.pull_subscribe_bind(GROUP, STREAM)
            results = await stream.create_key_value(bucket=RESULTS, ttl=RESULT_SECONDS)
        yield NatsQueue(jobs, results)
    finally:
        with suppress(Error, OSError):
            await client.close()
