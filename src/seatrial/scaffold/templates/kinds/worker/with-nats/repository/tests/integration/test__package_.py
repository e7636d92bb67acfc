"""@{service}, as the other services see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from uuid import uuid4

import nats

JOBS = "@{service}.jobs"
RESULTS = "@{service}-results"


def test_counts_the_words_of_a_text(address: Callable[[str], str]) -> None:
    async def counted() -> int:
        client = await nats.connect(address("nats"))
        try:
            stream = client.jetstream()
            number = uuid4().hex
            job = {"id": number, "text": "one two"}
            await stream.publish(JOBS, json.dumps(job).encode())
            changes = await (await stream.key_value(RESULTS)).watch(number)
            async with asyncio.timeout(10):
                async for change in changes:
                    if change and change.value:
                        return int(json.loads(change.value)["words"])
            raise AssertionError("no result came")
        finally:
            await client.close()

    assert asyncio.run(counted()) == 2
