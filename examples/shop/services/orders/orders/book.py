"""Where orders are kept and queued: the interface, and Valkey behind it.

An order's number moves from the list `queued` to the list `taken` in one step, and leaves `taken`
only when the order has been settled: a worker that is killed half-way loses nothing.
"""

from __future__ import annotations

from typing import Protocol, cast

from valkey import Valkey

from orders.errors import OrderNotFound
from orders.models import Order

QUEUED = "orders:queued"
TAKEN = "orders:taken"


class Book(Protocol):
    def ping(self) -> None: ...
    def get(self, order_id: str) -> Order: ...
    def save(self, order: Order) -> None: ...
    def queue(self, order: Order) -> None: ...
    def take(self, timeout: int) -> str | None: ...
    def done(self, order_id: str) -> None: ...
    def recover(self) -> int: ...


class ValkeyBook:
    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    def ping(self) -> None:
        self._valkey.ping()

    def get(self, order_id: str) -> Order:
        text = cast("str | None", self._valkey.get(f"order:{order_id}"))
        if text is None:
            raise OrderNotFound(f"there is no order {order_id}")
        return Order.model_validate_json(text)

    def save(self, order: Order) -> None:
        self._valkey.set(f"order:{order.id}", order.model_dump_json())

    def queue(self, order: Order) -> None:
        with self._valkey.pipeline(transaction=True) as pipe:
            pipe.set(f"order:{order.id}", order.model_dump_json())
            pipe.lrem(TAKEN, 1, order.id)
            pipe.lpush(QUEUED, order.id)
            pipe.execute()  # type: ignore[no-untyped-call]

    def take(self, timeout: int) -> str | None:
        """The order that has waited longest, or nothing when none comes in time."""
        number = self._valkey.blmove(QUEUED, TAKEN, timeout, src="RIGHT", dest="LEFT")
        return None if number is None else str(number)

    def done(self, order_id: str) -> None:
        self._valkey.lrem(TAKEN, 1, order_id)

    def recover(self) -> int:
        """Queues again what a worker took and did not settle. Settling twice is harmless."""
        count = 0
        while self._valkey.lmove(TAKEN, QUEUED, "RIGHT", "RIGHT") is not None:
            count += 1
        return count
