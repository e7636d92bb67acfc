from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest
from valkey import Valkey

from .support import from_environment


@pytest.fixture(scope="session")
def api() -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=from_environment("TEST_API_URL"), timeout=10) as client:
        yield client


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    url = from_environment("TEST_REDIS_URL")
    with Valkey.from_url(url, decode_responses=True) as client:
        yield client
