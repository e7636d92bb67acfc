from __future__ import annotations

import pytest

from orders.pricing import total_cents


@pytest.mark.parametrize(
    ("unit", "quantity", "expected"),
    [(1250, 1, 1250), (1250, 9, 11_250), (1250, 10, 11_250), (33, 11, 326), (0, 50, 0)],
)
def test_ten_or_more_are_a_tenth_cheaper(unit: int, quantity: int, expected: int) -> None:
    assert total_cents(unit, quantity) == expected
