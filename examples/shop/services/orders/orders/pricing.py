"""What an order costs."""

from __future__ import annotations

BULK_FROM = 10
BULK_PERCENT_OFF = 10


def total_cents(unit_cents: int, quantity: int) -> int:
    """Ten pieces or more are a tenth cheaper; half a cent is the customer's."""
    full = unit_cents * quantity
    if quantity < BULK_FROM:
        return full
    return full * (100 - BULK_PERCENT_OFF) // 100
