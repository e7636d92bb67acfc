from __future__ import annotations

import pytest

from orders.desk import MAX_ATTEMPTS, place
from orders.models import NewOrder, Order, Status
from orders.worker import WAIT, connect, work_once

from .fakes import MemoryBook, MemoryCatalog


@pytest.fixture
def placed(book: MemoryBook, catalog: MemoryCatalog) -> Order:
    return place(NewOrder(sku="mug", quantity=2), book, catalog)


def work(book: MemoryBook, catalog: MemoryCatalog) -> list[float]:
    """Works until the queue is empty, and returns the pauses that were made."""
    pauses: list[float] = []
    while work_once(book, catalog, timeout=0, pause=pauses.append):
        pass
    return pauses


def test_has_nothing_to_do_on_an_empty_queue(book: MemoryBook, catalog: MemoryCatalog) -> None:
    assert work_once(book, catalog, timeout=0) is False


def test_settles_an_order(book: MemoryBook, catalog: MemoryCatalog, placed: Order) -> None:
    work(book, catalog)
    assert book.get(placed.id).status is Status.SETTLED
    assert catalog.products["mug"].stock == 18
    assert book.taken == []


def test_rejects_what_was_sold_meanwhile(
    book: MemoryBook, catalog: MemoryCatalog, placed: Order
) -> None:
    place(NewOrder(sku="mug", quantity=19), book, catalog)
    book.queued.reverse()
    work(book, catalog)
    order = book.get(placed.id)
    assert (order.status, order.reason) == (Status.REJECTED, "too few of mug are left")


@pytest.mark.parametrize("failures", range(MAX_ATTEMPTS))
def test_tries_again_while_the_catalogue_is_away(
    book: MemoryBook, catalog: MemoryCatalog, placed: Order, failures: int
) -> None:
    catalog.failures = failures
    pauses = work(book, catalog)
    assert book.get(placed.id).status is Status.SETTLED
    assert pauses == sorted(pauses)
    assert len(pauses) == failures


def test_gives_up_in_the_end(book: MemoryBook, catalog: MemoryCatalog, placed: Order) -> None:
    catalog.failures = MAX_ATTEMPTS
    work(book, catalog)
    order = book.get(placed.id)
    assert (order.status, order.attempts) == (Status.FAILED, MAX_ATTEMPTS)
    assert (book.queued, book.taken) == ([], [])


def test_an_order_found_again_takes_its_stock_once(
    book: MemoryBook, catalog: MemoryCatalog, placed: Order
) -> None:
    book.take(0)
    catalog.reserve(placed)  # and here the worker was killed
    assert book.recover() == 1
    work(book, catalog)
    assert book.get(placed.id).status is Status.SETTLED
    assert catalog.products["mug"].stock == 18


def test_an_idle_worker_is_not_cut_off_while_it_waits() -> None:
    connection = connect("redis://valkey:6379/0").connection_pool.make_connection()
    assert connection.socket_timeout > WAIT
