from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import pytest

from @{package} import worker
from @{package}.jobs import Job, Result, count
from @{package}.worker import run

from .memory import MemoryQueue


def message(number: str, text: str = "one two") -> bytes:
    return json.dumps({"id": number, "text": text}).encode()


def worked(queue: MemoryQueue, **signs: Callable[[], None]) -> MemoryQueue:
    """Let a worker run until the queue is empty."""

    async def until_empty() -> None:
        stopping = asyncio.Event()
        queue.when_empty = stopping.set
        await run(queue.connect, stopping, pauses=(0.0,), **signs)

    asyncio.run(asyncio.wait_for(until_empty(), 10))
    return queue


def test_every_job_gets_its_result() -> None:
    queue = worked(MemoryQueue(message("1"), message("2", "a a a")))
    words = {number: json.loads(result)["words"] for number, result in queue.results.items()}
    assert words == {"1": 2, "2": 3}
    assert queue.taken == []


def test_a_message_that_is_no_job_holds_nothing_up() -> None:
    queue = worked(MemoryQueue(b"nonsense", message("1")))
    assert list(queue.results) == ["1"]
    assert queue.taken == []


def test_a_job_that_fails_is_left_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def count_all_but_the_first(job: Job) -> Result:
        if job.id == "1":
            raise MemoryError
        return count(job)

    monkeypatch.setattr(worker, "count", count_all_but_the_first)
    queue = worked(MemoryQueue(message("1"), message("2")))
    assert list(queue.results) == ["2"]
    assert queue.taken == [message("1")]


def test_connects_anew_until_the_queue_is_there() -> None:
    queue = MemoryQueue(message("1"))
    queue.failures = 3
    signs: list[str] = []
    worked(queue, beat=lambda: signs.append("beat"), lost=lambda: signs.append("lost"))
    assert list(queue.results) == ["1"]
    assert signs == ["lost", "lost", "lost", "beat", "beat"]


def test_a_job_that_was_taken_and_not_finished_is_done_later() -> None:
    queue = MemoryQueue()
    queue.taken.append(message("1"))
    assert list(worked(queue).results) == ["1"]


def test_the_job_at_hand_is_finished_before_the_end() -> None:
    async def stopped_at_the_first_job() -> MemoryQueue:
        queue = MemoryQueue(message("1"), message("2"))
        stopping = asyncio.Event()
        await run(queue.connect, stopping, beat=stopping.set)
        return queue

    queue = asyncio.run(asyncio.wait_for(stopped_at_the_first_job(), 10))
    assert list(queue.results) == ["1"]
    assert list(queue.waiting) == [message("2")]
