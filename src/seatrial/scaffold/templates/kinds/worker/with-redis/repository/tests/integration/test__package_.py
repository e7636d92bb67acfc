"""@{service}, as the other services see it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from valkey import Valkey

JOBS = "@{service}:jobs"
RESULT = "@{service}:result:"


def test_counts_the_words_of_a_text(address: Callable[[str], str]) -> None:
    number = uuid4().hex
    with Valkey.from_url(address("redis"), socket_timeout=10) as redis:
        redis.xadd(JOBS, {"job": json.dumps({"id": number, "text": "one two"})})
        deadline = time.monotonic() + 10
        while (found := redis.get(RESULT + number)) is None:
            if time.monotonic() > deadline:
                pytest.fail("no result within 10 s")
            time.sleep(0.01)
    assert json.loads(found)["words"] == 2
