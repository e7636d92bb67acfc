"""What the tests of the whole shop share."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest

Json = dict[str, Any]


def from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        pytest.fail(f"{name} is not set: start the services with `seatrial test`", pytrace=False)
    return value


@dataclass(frozen=True)
class Shop:
    """The shop as its customers see it, and the catalogue as the shopkeeper does."""

    products: httpx2.Client
    orders: httpx2.Client
    catalog: httpx2.Client

    def stocked(self, *, price_cents: int = 1000, stock: int) -> str:
        """The SKU of a new product that no other test knows."""
        sku = f"test-{uuid4().hex[:12]}"
        product = {"sku": sku, "name": "Test", "price_cents": price_cents, "stock": stock}
        assert self.catalog.post("/products", json=product).status_code == 201
        return sku

    def stock(self, sku: str) -> int:
        return int(self.products.get(f"/products/{sku}").json()["stock"])

    def order(self, sku: str, quantity: int = 1, **order: object) -> httpx2.Response:
        body = {"sku": sku, "quantity": quantity, **order}
        return self.orders.post("/orders", json=body)

    def handled(self, order_id: str, timeout: float = 10) -> Json:
        """The order as the worker left it."""
        deadline = time.monotonic() + timeout
        while True:
            order: Json = self.orders.get(f"/orders/{order_id}").json()
            if order["status"] != "queued":
                return order
            if time.monotonic() > deadline:
                pytest.fail(f"the worker did not handle {order} in {timeout} s")
            time.sleep(0.02)
