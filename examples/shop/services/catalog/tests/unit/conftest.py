from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from catalog.app import build_app
from catalog.errors import OutOfStock, ProductExists, ProductNotFound, UnknownCurrency
from catalog.models import NewProduct, Product, ProductChange


class MemoryStore:
    """A store that keeps to the same rules as the real one, in a dictionary."""

    def __init__(self) -> None:
        self.products: dict[str, Product] = {}
        self.reservations: set[str] = set()

    def ping(self) -> None:
        pass

    def all(self) -> list[Product]:
        return [self.products[sku] for sku in sorted(self.products)]

    def get(self, sku: str) -> Product:
        try:
            return self.products[sku]
        except KeyError:
            raise ProductNotFound(f"there is no product {sku}") from None

    def add(self, new: NewProduct) -> Product:
        if new.sku in self.products:
            raise ProductExists(f"{new.sku} is in the catalogue already")
        self.products[new.sku] = Product(**new.model_dump())
        return self.products[new.sku]

    def change(self, sku: str, change: ProductChange) -> Product:
        given = change.model_dump(exclude_none=True)
        self.products[sku] = self.get(sku).model_copy(update=given)
        return self.products[sku]

    def remove(self, sku: str) -> None:
        self.get(sku)
        del self.products[sku]

    def reserve(self, sku: str, order_id: str, quantity: int) -> Product:
        product = self.get(sku)
        if order_id in self.reservations:
            return product
        if product.stock < quantity:
            raise OutOfStock(f"fewer than {quantity} of {sku} are left")
        self.reservations.add(order_id)
        return self.change(sku, ProductChange(stock=product.stock - quantity))


class FixedRates:
    def rate(self, currency: str) -> Decimal:
        if currency != "USD":
            raise UnknownCurrency(f"no rate is known for {currency}")
        return Decimal("1.10")


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.add(NewProduct(sku="mug", name="Mug", price_cents=1250, stock=3))
    return store


@pytest.fixture
def client(store: MemoryStore) -> Iterator[TestClient]:
    with TestClient(build_app(store, FixedRates())) as client:
        yield client
