from __future__ import annotations

import pytest
from fastapi.testclient import TestClient


def test_adds_a_product_once(client: TestClient) -> None:
    bowl = {"sku": "bowl", "name": "Bowl", "price_cents": 990, "stock": 5}
    assert client.post("/products", json=bowl).json() == {**bowl, "currency": "EUR"}
    assert client.post("/products", json=bowl).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [{"sku": "No Spaces"}, {"name": ""}, {"price_cents": -1}, {"stock": 0.5}, {"colour": "red"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_refuses_a_product_that_makes_no_sense(
    client: TestClient, wrong: dict[str, object]
) -> None:
    product = {"sku": "bowl", "name": "Bowl", "price_cents": 990, **wrong}
    assert client.post("/products", json=product).status_code == 422


def test_changes_only_what_is_given(client: TestClient) -> None:
    changed = client.patch("/products/mug", json={"stock": 9}).json()
    assert (changed["stock"], changed["price_cents"]) == (9, 1250)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_product_that_is_not_there_is_a_404(client: TestClient, method: str) -> None:
    body = {"stock": 1} if method == "PATCH" else None
    answer = client.request(method, "/products/nothing", json=body)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "there is no product nothing"}


def test_prices_in_another_currency(client: TestClient) -> None:
    mug = client.get("/products/mug", params={"currency": "USD"}).json()
    assert (mug["price_cents"], mug["currency"]) == (1375, "USD")


def test_refuses_a_currency_without_a_rate(client: TestClient) -> None:
    assert client.get("/products", params={"currency": "XTS"}).status_code == 422


def test_reserving_takes_stock_until_there_is_none(client: TestClient) -> None:
    first = client.put("/products/mug/reservations/order-1", json={"quantity": 2})
    assert first.json()["stock"] == 1
    again = client.put("/products/mug/reservations/order-1", json={"quantity": 2})
    assert again.json()["stock"] == 1
    second = client.put("/products/mug/reservations/order-2", json={"quantity": 2})
    assert second.status_code == 409
