"""The catalogue, as far as orders need it."""

from __future__ import annotations

from typing import NoReturn, Protocol

import httpx2
from pydantic import BaseModel

from orders.errors import CatalogUnavailable, OutOfStock, UnknownProduct
from orders.models import Order


class Product(BaseModel):
    sku: str
    price_cents: int
    stock: int


class Catalog(Protocol):
    def product(self, sku: str, currency: str) -> Product: ...
    def reserve(self, order: Order) -> None:
        """Takes the stock of an order; to ask again for the same order is harmless."""
        ...


class HttpCatalog:
    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def product(self, sku: str, currency: str) -> Product:
        try:
            answer = self._client.get(f"/products/{sku}", params={"currency": currency})
            if not answer.is_success:
                self._refuse(answer, sku)
            return Product.model_validate_json(answer.content)
        except (httpx2.HTTPError, ValueError) as error:
            raise CatalogUnavailable("the catalogue cannot be reached") from error

    def reserve(self, order: Order) -> None:
        path = f"/products/{order.sku}/reservations/{order.id}"
        try:
            answer = self._client.put(path, json={"quantity": order.quantity})
        except httpx2.HTTPError as error:
            raise CatalogUnavailable("the catalogue cannot be reached") from error
        if not answer.is_success:
            self._refuse(answer, order.sku)

    @staticmethod
    def _refuse(answer: httpx2.Response, sku: str) -> NoReturn:
        match answer.status_code:
            case 404:
                raise UnknownProduct(f"there is no product {sku}")
            case 409:
                raise OutOfStock(f"too few of {sku} are left")
            case status:
                raise CatalogUnavailable(f"the catalogue answered {status}")
