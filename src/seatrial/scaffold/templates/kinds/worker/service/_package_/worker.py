"""The loop: take a job, do it, leave the result, until told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from @{package}.jobs import BadJobError, Job, count
from @{package}.queue import Connect, Delivery, Queue, QueueLostError

WAIT = 0.5  # seconds for a job to come, before looking whether to stop
PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds before connecting anew, the last again and again

log = logging.getLogger(__name__)


async def run(
    connect: Connect,
    stopping: asyncio.Event,
    beat: Callable[[], None] = lambda: None,
    lost: Callable[[], None] = lambda: None,
    pauses: tuple[float, ...] = PAUSES,
) -> None:
    """Work until `stopping` is set; the job at hand is finished first.

    `beat` is called each time the queue has answered, `lost` when it is out of reach.
    """
    failures = 0

    def answered() -> None:
        nonlocal failures
        failures = 0
        beat()

    while not stopping.is_set():
        try:
            async with connect() as queue:
                await work(queue, stopping, answered)
        except QueueLostError as error:
            lost()
            pause = pauses[min(failures, len(pauses) - 1)]
            failures += 1
            log.warning("the queue is out of reach, trying again in %s s: %s", pause, error)
            await sleep(stopping, pause)


async def work(queue: Queue, stopping: asyncio.Event, beat: Callable[[], None]) -> None:
    """Take one job after another until `stopping` is set. Raises `QueueLostError`."""
    while not stopping.is_set():
        delivery = await queue.take(WAIT)
        beat()
        if delivery is not None:
            await handle(delivery)


async def handle(delivery: Delivery) -> None:
    """Do one job. Raises `QueueLostError`.

    A message that is no job is dropped; a job that fails is left, and comes again later.
    """
    try:
        job = Job.parse(delivery.body)
    except BadJobError as error:
        log.error("a message was dropped: %s", error)
        await delivery.drop()
        return
    # In a thread, so that a long count does not keep signals and the connection waiting.
    try:
        result = await asyncio.to_thread(count, job)
    except Exception:
        log.exception("job %s failed", job.id)
        return
    await delivery.finish(job.id, result.dump())
    log.info("job %s: %s words", job.id, result.words)


async def sleep(stopping: asyncio.Event, seconds: float) -> None:
    """Wait for `seconds`, or until told to stop."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
