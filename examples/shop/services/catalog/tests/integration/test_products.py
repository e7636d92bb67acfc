from __future__ import annotations

import httpx2
import pytest

from .support import AddProduct, Connection


def test_is_healthy_while_its_database_is(api: httpx2.Client) -> None:
    assert api.get("/health").json() == {"status": "ok"}


def test_every_migration_was_applied(database: Connection) -> None:
    rows = database.execute("SELECT name FROM schema_migrations ORDER BY name").fetchall()
    assert rows == [("001_products.sql",), ("002_reservations.sql",)]


def test_a_product_is_kept_in_the_database(
    api: httpx2.Client, database: Connection, add_product: AddProduct
) -> None:
    sku = add_product(price_cents=450, stock=7)
    assert api.get(f"/products/{sku}").json()["stock"] == 7
    row = database.execute("SELECT price_cents, stock FROM products WHERE sku = %s", (sku,))
    assert row.fetchone() == (450, 7)


def test_a_sku_is_taken_once(api: httpx2.Client, add_product: AddProduct) -> None:
    again = {"sku": add_product(), "name": "Again", "price_cents": 1}
    assert api.post("/products", json=again).status_code == 409


def test_a_removed_product_is_gone(api: httpx2.Client, add_product: AddProduct) -> None:
    sku = add_product()
    assert api.delete(f"/products/{sku}").status_code == 204
    assert api.get(f"/products/{sku}").status_code == 404


@pytest.mark.parametrize(("currency", "cents"), [("EUR", 1000), ("USD", 1100), ("GBP", 850)])
def test_prices_follow_the_exchange_rate(
    api: httpx2.Client, add_product: AddProduct, currency: str, cents: int
) -> None:
    product = api.get(f"/products/{add_product()}", params={"currency": currency}).json()
    assert (product["price_cents"], product["currency"]) == (cents, currency)


def test_says_so_when_the_rates_are_out_of_order(
    api: httpx2.Client, add_product: AddProduct
) -> None:
    answer = api.get(f"/products/{add_product()}", params={"currency": "ZZZ"})
    assert answer.status_code == 502
    assert answer.json() == {"detail": "the exchange rates cannot be had"}
