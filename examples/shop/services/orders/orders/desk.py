"""The life of an order: placed by a customer, settled by the worker."""

from __future__ import annotations

from uuid import uuid4

from orders.book import Book
from orders.catalog import Catalog
from orders.errors import CatalogUnavailable, OutOfStock, UnknownProduct
from orders.models import NewOrder, Order, Status
from orders.pricing import total_cents

MAX_ATTEMPTS = 3


def place(new: NewOrder, book: Book, catalog: Catalog) -> Order:
    """Prices the order and queues it. The stock is only looked at: the worker takes it."""
    product = catalog.product(new.sku, new.currency)
    if product.stock < new.quantity:
        raise OutOfStock(f"only {product.stock} of {new.sku} are left")
    order = Order(
        id=uuid4().hex,
        sku=new.sku,
        quantity=new.quantity,
        total_cents=total_cents(product.price_cents, new.quantity),
        currency=new.currency,
    )
    book.queue(order)
    return order


def settle(order: Order, catalog: Catalog) -> Order:
    """The order after one try: settled, rejected, failed, or still queued for another try."""
    attempts = order.attempts + 1
    try:
        catalog.reserve(order)
    except (OutOfStock, UnknownProduct) as refusal:
        return after(order, Status.REJECTED, attempts, str(refusal))
    except CatalogUnavailable as trouble:
        status = Status.QUEUED if attempts < MAX_ATTEMPTS else Status.FAILED
        return after(order, status, attempts, str(trouble))
    return after(order, Status.SETTLED, attempts)


def after(order: Order, status: Status, attempts: int, reason: str | None = None) -> Order:
    change = {"status": status, "attempts": attempts, "reason": reason}
    return order.model_copy(update=change)
