"""What the tests of the running service share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]


def from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: start the services with `seatrial test`", pytrace=False)
    return value


def wait_for(look: Callable[[], Json], ready: Callable[[Json], bool], timeout: float = 10) -> Json:
    """Looks until it is ready, and fails with what it saw last."""
    deadline = time.monotonic() + timeout
    while not ready(seen := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"not ready after {timeout} s: {seen}")
        time.sleep(0.02)
    return seen
