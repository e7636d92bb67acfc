"""@{service}, as the other services see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from uuid import uuid4

import nats


def test_@{package}_counts_the_words_of_a_text(address: Callable[[str], str]) -> None:
    async def counted() -> int:
        client = await nats.connect(address("nats"))
        try:
            stream = client.jetstream()
            number = uuid4().hex
            job = {"id": number, "text": "one two"}
            await stream.publish("@{service}.jobs", json.dumps(job).encode())
            changes = await (await stream.key_value("@{service}-results")).watch(number)
            async with asyncio.timeout(10):
                async for change in changes:
                    if change and change.value:
                        return int(json.loads(change.value)["words"])
            raise AssertionError("no result came")
        finally:
            await client.close()

    assert asyncio.run(counted()) == 2
