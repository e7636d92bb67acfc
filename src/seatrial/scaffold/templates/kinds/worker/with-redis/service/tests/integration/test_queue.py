"""The running worker on a real Redis."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from @{package}.broker import FIELD, GROUP, RESULT, STREAM


def wait_for(ready: Callable[[], object], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come within {seconds} s")
        time.sleep(0.01)


def result(redis: Redis, number: str) -> dict[str, Any]:
    key = RESULT + number
    wait_for(lambda: redis.exists(key), f"the result of {number}")
    kept: Any = redis.get(key)
    found: dict[str, Any] = json.loads(kept)
    return found


def job(text: str) -> tuple[str, bytes]:
    number = uuid4().hex
    return number, json.dumps({"id": number, "text": text}).encode()


def test_a_job_is_done_and_its_result_is_kept(redis: Redis) -> None:
    number, message = job("to be or not to be")
    redis.xadd(STREAM, {FIELD: message})
    found = result(redis, number)
    assert (found["words"], found["different"], found["most_common"][0]) == (6, 4, "be")
    seconds: Any = redis.ttl(RESULT + number)
    assert 0 < seconds <= 3600


def test_a_message_that_is_no_job_holds_nothing_up(redis: Redis) -> None:
    redis.xadd(STREAM, {FIELD: b"nonsense"})
    number, message = job("one two")
    redis.xadd(STREAM, {FIELD: message})
    assert result(redis, number)["words"] == 2


def test_a_job_that_another_worker_took_and_lost_is_done(redis: Redis) -> None:
    number, message = job("one two three")
    # In one transaction, so that the running worker cannot be faster.
    both: Any = redis.pipeline(transaction=True)
    both.xadd(STREAM, {FIELD: message})
    both.xreadgroup(GROUP, "one that is gone", {STREAM: ">"}, count=1)
    both.execute()
    assert result(redis, number)["words"] == 3


def test_nothing_stays_in_the_queue(redis: Redis) -> None:
    number, message = job("one")
    redis.xadd(STREAM, {FIELD: message})
    result(redis, number)
    wait_for(lambda: redis.xlen(STREAM) == 0, "an empty queue")
