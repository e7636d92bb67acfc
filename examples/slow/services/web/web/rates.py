"""Rates of exchange, worked out while the module is imported."""

from __future__ import annotations

from web.work import busy


def _table() -> dict[str, float]:
    busy(0.25)
    return {"EUR": 1.0, "USD": 1.1}


RATES = _table()
