from __future__ import annotations

import httpx2
import pytest

from .support import Shop


def test_shows_what_the_shopkeeper_put_in(shop: Shop) -> None:
    sku = shop.stocked(stock=3)
    assert sku in {product["sku"] for product in shop.products.get("/products").json()}


def test_an_order_is_settled_and_the_stock_falls(shop: Shop) -> None:
    sku = shop.stocked(stock=5)
    placed = shop.order(sku, quantity=2)
    assert placed.status_code == 202
    assert shop.handled(placed.json()["id"])["status"] == "settled"
    assert shop.stock(sku) == 3


@pytest.mark.parametrize(
    ("quantity", "currency", "total"), [(1, "EUR", 1000), (2, "USD", 2200), (10, "EUR", 9000)]
)
def test_the_price_is_the_catalogues_at_the_rate_of_the_day(
    shop: Shop, quantity: int, currency: str, total: int
) -> None:
    placed = shop.order(shop.stocked(stock=20), quantity, currency=currency).json()
    order = shop.handled(placed["id"])
    assert (order["total_cents"], order["currency"]) == (total, currency)


def test_refuses_more_than_there_is(shop: Shop) -> None:
    sku = shop.stocked(stock=2)
    refused = shop.order(sku, quantity=3)
    assert refused.status_code == 409
    assert refused.json()["detail"] == f"only 2 of {sku} are left"
    assert shop.stock(sku) == 2


def test_the_last_piece_is_sold_once(shop: Shop) -> None:
    sku = shop.stocked(stock=1)
    answers = [shop.order(sku) for _ in range(4)]
    orders = [shop.handled(answer.json()["id"]) for answer in answers if answer.is_success]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert [order["status"] for order in orders].count("settled") == 1
    assert {order["status"] for order in orders} <= {"settled", "rejected"}
    assert shop.stock(sku) == 0


def test_an_unknown_product_cannot_be_ordered(shop: Shop) -> None:
    assert shop.order("nothing").status_code == 404


def test_customers_cannot_change_the_catalogue(shop: Shop, front: httpx2.Client) -> None:
    sku = shop.stocked(stock=1)
    assert front.patch(f"/products/{sku}", json={"price_cents": 0}).status_code == 404
    assert front.get(f"/products/{sku}").json()["price_cents"] == 1000
