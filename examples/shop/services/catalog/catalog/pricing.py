"""Prices in another currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from catalog.models import BASE_CURRENCY, Product
from catalog.rates import Rates


def convert(cents: int, rate: Decimal) -> int:
    """Half a cent goes up, as on a till receipt."""
    return int((cents * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def priced_in(product: Product, currency: str, rates: Rates) -> Product:
    if currency == BASE_CURRENCY:
        return product
    price = convert(product.price_cents, rates.rate(currency))
    return product.model_copy(update={"price_cents": price, "currency": currency})
