"""A book and a catalogue in memory, which keep to the rules of the real ones."""

from __future__ import annotations

from orders.catalog import Product
from orders.errors import CatalogUnavailable, OrderNotFound, OutOfStock, UnknownProduct
from orders.models import Order


class MemoryBook:
    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.queued: list[str] = []
        self.taken: list[str] = []

    def ping(self) -> None:
        pass

    def get(self, order_id: str) -> Order:
        try:
            return self.orders[order_id]
        except KeyError:
            raise OrderNotFound(f"there is no order {order_id}") from None

    def save(self, order: Order) -> None:
        self.orders[order.id] = order

    def queue(self, order: Order) -> None:
        self.save(order)
        self.done(order.id)
        self.queued.append(order.id)

    def take(self, timeout: int) -> str | None:  # noqa: ARG002
        if not self.queued:
            return None
        self.taken.append(self.queued.pop(0))
        return self.taken[-1]

    def done(self, order_id: str) -> None:
        if order_id in self.taken:
            self.taken.remove(order_id)

    def recover(self) -> int:
        count = len(self.taken)
        self.queued[:0], self.taken = self.taken, []
        return count


class MemoryCatalog:
    def __init__(self) -> None:
        self.products = {"mug": Product(sku="mug", price_cents=1250, stock=20)}
        self.reserved: dict[str, int] = {}
        self.failures = 0

    def product(self, sku: str, currency: str) -> Product:  # noqa: ARG002
        self._may_fail()
        try:
            return self.products[sku]
        except KeyError:
            raise UnknownProduct(f"there is no product {sku}") from None

    def reserve(self, order: Order) -> None:
        product = self.product(order.sku, order.currency)
        if order.id in self.reserved:
            return
        if product.stock < order.quantity:
            raise OutOfStock(f"too few of {order.sku} are left")
        stock = product.stock - order.quantity
        self.products[order.sku] = product.model_copy(update={"stock": stock})
        self.reserved[order.id] = order.quantity

    def _may_fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise CatalogUnavailable("the catalogue cannot be reached")
