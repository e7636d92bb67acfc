"""The running worker on a real NATS."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import nats
import pytest
from nats.js import JetStreamContext

from @{package}.broker import GROUP, RESULTS, STREAM, SUBJECT

SECONDS = 10


@asynccontextmanager
async def jetstream() -> AsyncIterator[JetStreamContext]:
    url = os.environ.get("TEST_NATS_URL")
    if not url:
        pytest.fail("TEST_NATS_URL is not set: use `make test-service`", pytrace=False)
    client = await nats.connect(url)
    try:
        yield client.jetstream()
    finally:
        await client.close()


async def result_of(stream: JetStreamContext, number: str) -> dict[str, Any]:
    """Return the result of a job as soon as it is there."""
    results = await stream.key_value(RESULTS)
    changes = await results.watch(number)
    async with asyncio.timeout(SECONDS):
        async for change in changes:
            if change and change.value:
                found: dict[str, Any] = json.loads(change.value)
                return found
    pytest.fail(f"no more is heard of {number}")


def job(text: str) -> tuple[str, bytes]:
    number = uuid4().hex
    return number, json.dumps({"id": number, "text": text}).encode()


def test_a_job_is_done_and_its_result_is_kept() -> None:
    async def asked() -> dict[str, Any]:
        async with jetstream() as stream:
            number, message = job("to be or not to be")
            await stream.publish(SUBJECT, message)
            return await result_of(stream, number)

    found = asyncio.run(asked())
    assert (found["words"], found["different"], found["most_common"][0]) == (6, 4, "be")


def test_a_message_that_is_no_job_holds_nothing_up() -> None:
    async def asked() -> dict[str, Any]:
        async with jetstream() as stream:
            await stream.publish(SUBJECT, b"nonsense")
            number, message = job("one two")
            await stream.publish(SUBJECT, message)
            return await result_of(stream, number)

    assert asyncio.run(asked())["words"] == 2


def test_a_job_that_another_worker_took_and_lost_is_done() -> None:
    async def asked() -> dict[str, Any]:
        async with jetstream() as stream:
            jobs = await stream.pull_subscribe_bind(GROUP, STREAM)
            taking = asyncio.create_task(jobs.fetch(1, timeout=SECONDS))
            # Until this test has one, which it does not finish; the running worker takes others.
            async with asyncio.timeout(SECONDS):
                while not taking.done():
                    await stream.publish(SUBJECT, job("one two three")[1])
                    await asyncio.sleep(0.01)
            (taken,) = taking.result()
            return await result_of(stream, json.loads(taken.data)["id"])

    assert asyncio.run(asked())["words"] == 3


def test_nothing_stays_in_the_queue() -> None:
    async def left() -> None:
        async with jetstream() as stream:
            number, message = job("one")
            await stream.publish(SUBJECT, message)
            await result_of(stream, number)
            async with asyncio.timeout(SECONDS):
                while (await stream.stream_info(STREAM)).state.messages:
                    await asyncio.sleep(0.01)

    asyncio.run(left())
