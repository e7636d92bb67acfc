"""The running worker on a real Valkey."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from valkey import Valkey

from @{package}.broker import FIELD, GROUP, RESULT, STREAM


def wait_for(ready: Callable[[], object], what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come within {seconds} s")
        time.sleep(0.01)


def result(valkey: Valkey, number: str) -> dict[str, Any]:
    key = RESULT + number
    wait_for(lambda: valkey.exists(key), f"the result of {number}")
    kept: Any = valkey.get(key)
    found: dict[str, Any] = json.loads(kept)
    return found


def job(text: str) -> tuple[str, bytes]:
    number = uuid4().hex
    return number, json.dumps({"id": number, "text": text}).encode()


def test_a_job_is_done_and_its_result_is_kept(valkey: Valkey) -> None:
    number, message = job("to be or not to be")
    valkey.xadd(STREAM, {FIELD: message})
    found = result(valkey, number)
    assert (found["words"], found["different"], found["most_common"][0]) == (6, 4, "be")
    seconds: Any = valkey.ttl(RESULT + number)
    assert 0 < seconds <= 3600


def test_a_message_that_is_no_job_holds_nothing_up(valkey: Valkey) -> None:
    valkey.xadd(STREAM, {FIELD: b"nonsense"})
    number, message = job("one two")
    valkey.xadd(STREAM, {FIELD: message})
    assert result(valkey, number)["words"] == 2


def test_a_job_that_another_worker_took_and_lost_is_done(valkey: Valkey) -> None:
    number, message = job("one two three")
    # In one transaction, so that the running worker cannot be faster.
    both: Any = valkey.pipeline(transaction=True)
    both.xadd(STREAM, {FIELD: message})
    both.xreadgroup(GROUP, "one that is gone", {STREAM: ">"}, count=1)
    both.execute()
    assert result(valkey, number)["words"] == 3


def test_nothing_stays_in_the_queue(valkey: Valkey) -> None:
    number, message = job("one")
    valkey.xadd(STREAM, {FIELD: message})
    result(valkey, number)
    wait_for(lambda: valkey.xlen(STREAM) == 0, "an empty queue")
