"""What the tests of all services together share."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def address() -> Callable[[str], str]:
    """Return how to find a service: `address("api")` is its URL in this environment."""

    def of(service: str) -> str:
        name = f"TEST_{service.upper().replace('-', '_')}_URL"
        if name not in os.environ:
            pytest.fail(f"{name} is not set: start the tests with `make test-integration`")
        return os.environ[name].rstrip("/")

    return of
