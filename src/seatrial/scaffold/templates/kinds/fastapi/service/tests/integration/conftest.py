from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx2
import psycopg
import pytest


def from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: start the tests with `make test-service`", pytrace=False)
    return value


@pytest.fixture(scope="session")
def api() -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=from_environment("TEST_API_URL"), timeout=10) as client:
        yield client


@pytest.fixture(scope="session")
def database() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    url = from_environment("TEST_DATABASE_URL")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
