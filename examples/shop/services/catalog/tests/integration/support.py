"""What the tests of the running service share."""

from __future__ import annotations

import os
from typing import Any, Protocol

import psycopg
import pytest

Connection = psycopg.Connection[tuple[Any, ...]]


class AddProduct(Protocol):
    def __call__(self, *, price_cents: int = 1000, stock: int = 0) -> str: ...


def from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: start the services with `seatrial test`", pytrace=False)
    return value
