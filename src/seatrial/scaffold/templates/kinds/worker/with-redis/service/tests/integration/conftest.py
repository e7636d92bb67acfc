from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from redis import Redis


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    url = os.environ.get("TEST_REDIS_URL")
    if not url:
        pytest.fail("TEST_REDIS_URL is not set: use `make test-service`", pytrace=False)
    with Redis.from_url(url, socket_timeout=10) as redis:
        yield redis
