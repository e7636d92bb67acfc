from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx2

from .support import AddProduct, Connection


def test_an_order_takes_its_stock_once(
    api: httpx2.Client, database: Connection, add_product: AddProduct
) -> None:
    sku = add_product(stock=5)
    path = f"/products/{sku}/reservations/{sku}-order"
    for _ in range(2):
        assert api.put(path, json={"quantity": 3}).json()["stock"] == 2
    kept = database.execute("SELECT quantity FROM reservations WHERE sku = %s", (sku,))
    assert kept.fetchall() == [(3,)]


def test_the_last_piece_is_sold_once(api: httpx2.Client, add_product: AddProduct) -> None:
    sku = add_product(stock=1)

    def buy(number: int) -> int:
        path = f"/products/{sku}/reservations/{sku}-{number}"
        return api.put(path, json={"quantity": 1}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(buy, range(6)))
    assert answers == [200, 409, 409, 409, 409, 409]
    assert api.get(f"/products/{sku}").json()["stock"] == 0
