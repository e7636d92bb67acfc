from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx2
import psycopg
import pytest

from .support import AddProduct, Connection, from_environment


@pytest.fixture(scope="session")
def api() -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=from_environment("TEST_API_URL"), timeout=10) as client:
        yield client


@pytest.fixture(scope="session")
def database() -> Iterator[Connection]:
    url = from_environment("TEST_DATABASE_URL")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def add_product(api: httpx2.Client) -> AddProduct:
    """Adds a product that no other test knows, and returns its SKU."""

    def add(*, price_cents: int = 1000, stock: int = 0) -> str:
        sku = f"test-{uuid4().hex[:12]}"
        product = {"sku": sku, "name": "Test", "price_cents": price_cents, "stock": stock}
        assert api.post("/products", json=product).status_code == 201
        return sku

    return add
