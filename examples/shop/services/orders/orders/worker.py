"""Settles orders, one after another: `python -m orders.worker`.

It may be stopped at any moment: an order that it had taken is found again at the next start, and
the catalogue takes the stock of an order only once.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import httpx2
from valkey import Valkey

from orders.book import Book, ValkeyBook
from orders.catalog import Catalog, HttpCatalog
from orders.desk import settle
from orders.models import Status
from orders.settings import Settings

WAIT = 5  # seconds for an order to come, before asking the queue again
PAUSE = 0.2  # seconds before another try, times the tries so far


def work_once(
    book: Book, catalog: Catalog, *, timeout: int, pause: Callable[[float], None] = time.sleep
) -> bool:
    """Handles the next order. False when none came in time."""
    order_id = book.take(timeout)
    if order_id is None:
        return False
    order = book.get(order_id)
    if order.status is not Status.QUEUED:  # settled by a worker that was stopped just after
        book.done(order_id)
        return True
    order = settle(order, catalog)
    if order.status is Status.QUEUED:
        pause(PAUSE * order.attempts)
        book.queue(order)
    else:
        book.save(order)
        book.done(order_id)
        print(f"orders: {order.id} {order.status}", flush=True)
    return True


def connect(redis_url: str) -> Valkey:
    """A connection that is patient enough for the longest wait."""
    return Valkey.from_url(redis_url, decode_responses=True, socket_timeout=2 * WAIT)


def stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    settings = Settings.from_env()
    book = ValkeyBook(connect(settings.redis_url))
    with httpx2.Client(base_url=settings.catalog_url, timeout=3) as client:
        catalog = HttpCatalog(client)
        print(f"orders: worker started, {book.recover()} orders found again", flush=True)
        while True:
            work_once(book, catalog, timeout=WAIT)


if __name__ == "__main__":
    main()
