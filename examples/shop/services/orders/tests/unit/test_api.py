from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from orders.app import build_app

from .fakes import MemoryBook, MemoryCatalog


@pytest.fixture
def client(book: MemoryBook, catalog: MemoryCatalog) -> Iterator[TestClient]:
    with TestClient(build_app(book, catalog)) as client:
        yield client


def test_a_placed_order_is_priced_and_queued(client: TestClient, book: MemoryBook) -> None:
    answer = client.post("/orders", json={"sku": "mug", "quantity": 10})
    order = answer.json()
    assert answer.status_code == 202
    assert (order["status"], order["total_cents"]) == ("queued", 11_250)
    assert book.queued == [order["id"]]
    assert client.get(f"/orders/{order['id']}").json() == order


@pytest.mark.parametrize(
    "wrong",
    [
        {"sku": "../health"},
        {"quantity": 0},
        {"quantity": 1001},
        {"currency": "euro"},
        {"vip": True},
    ],
    ids=str,
)
def test_refuses_an_order_that_makes_no_sense(client: TestClient, wrong: dict[str, object]) -> None:
    order = {"sku": "mug", "quantity": 1, **wrong}
    assert client.post("/orders", json=order).status_code == 422


@pytest.mark.parametrize(
    ("sku", "quantity", "status", "detail"),
    [
        ("nothing", 1, 404, "there is no product nothing"),
        ("mug", 21, 409, "only 20 of mug are left"),
    ],
)
def test_refuses_what_cannot_be_had(
    client: TestClient, book: MemoryBook, sku: str, quantity: int, status: int, detail: str
) -> None:
    answer = client.post("/orders", json={"sku": sku, "quantity": quantity})
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)
    assert book.orders == {}


def test_takes_no_order_without_a_catalogue(client: TestClient, catalog: MemoryCatalog) -> None:
    catalog.failures = 1
    assert client.post("/orders", json={"sku": "mug", "quantity": 1}).status_code == 502


def test_an_order_that_is_not_there_is_a_404(client: TestClient) -> None:
    assert client.get("/orders/nothing").status_code == 404
