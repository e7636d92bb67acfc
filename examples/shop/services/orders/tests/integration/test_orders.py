from __future__ import annotations

import json

import httpx2
import pytest
from valkey import Valkey

from .support import Json, wait_for


def place(api: httpx2.Client, sku: str, **order: object) -> Json:
    answer = api.post("/orders", json={"sku": sku, "quantity": 1, **order})
    assert answer.status_code == 202
    placed: Json = answer.json()
    return placed


def handled(api: httpx2.Client, order_id: str) -> Json:
    """The order as the worker left it."""
    return wait_for(
        lambda: api.get(f"/orders/{order_id}").json(), lambda order: order["status"] != "queued"
    )


def test_is_healthy_while_its_queue_is(api: httpx2.Client) -> None:
    assert api.get("/health").json() == {"status": "ok"}


def test_the_worker_settles_an_order(api: httpx2.Client) -> None:
    placed = place(api, "mug", quantity=2, currency="USD")
    assert placed["total_cents"] == 2750
    settled = handled(api, placed["id"])
    assert (settled["status"], settled["attempts"]) == ("settled", 1)


def test_an_order_is_kept_in_valkey(api: httpx2.Client, valkey: Valkey) -> None:
    order = handled(api, place(api, "mug")["id"])
    assert json.loads(str(valkey.get(f"order:{order['id']}"))) == order


def test_a_handled_order_leaves_the_queue(api: httpx2.Client, valkey: Valkey) -> None:
    order_id = place(api, "mug")["id"]
    wait_for(
        lambda: {name: valkey.lpos(name, order_id) for name in ("orders:queued", "orders:taken")},
        lambda places: set(places.values()) == {None},
    )
    assert handled(api, order_id)["status"] == "settled"


def test_the_worker_rejects_what_was_sold_meanwhile(api: httpx2.Client) -> None:
    order = handled(api, place(api, "snatched")["id"])
    assert (order["status"], order["reason"]) == ("rejected", "too few of snatched are left")


def test_the_worker_tries_again_after_a_failure(api: httpx2.Client) -> None:
    order = handled(api, place(api, "flaky")["id"])
    assert (order["status"], order["attempts"]) == ("settled", 2)


@pytest.mark.parametrize(("sku", "status"), [("nothing", 404), ("sold-out", 409), ("broken", 502)])
def test_refuses_what_cannot_be_had(api: httpx2.Client, sku: str, status: int) -> None:
    assert api.post("/orders", json={"sku": sku, "quantity": 1}).status_code == status
