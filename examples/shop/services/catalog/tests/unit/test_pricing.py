from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.pricing import convert


@pytest.mark.parametrize(
    ("cents", "rate", "expected"),
    [
        (0, "1.10", 0),
        (1250, "1.10", 1375),
        (999, "1", 999),
        (5, "1.10", 6),  # 5.5 goes up
        (333, "0.85", 283),  # 283.05 goes down
        (100_000_000, "162.5", 16_250_000_000),
    ],
)
def test_converts_to_whole_cents(cents: int, rate: str, expected: int) -> None:
    assert convert(cents, Decimal(rate)) == expected
