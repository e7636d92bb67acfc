"""Exchange rates, from an API that belongs to somebody else: the one place that calls it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Protocol

import httpx2

from catalog.errors import RatesUnavailable, UnknownCurrency
from catalog.models import BASE_CURRENCY


class Rates(Protocol):
    def rate(self, currency: str) -> Decimal:
        """How much of `currency` one unit of the base currency buys."""
        ...


class HttpRates:
    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def rate(self, currency: str) -> Decimal:
        try:
            answer = self._client.get(f"/latest/{BASE_CURRENCY}/{currency}")
            if answer.status_code == httpx2.codes.NOT_FOUND:
                raise UnknownCurrency(f"no rate is known for {currency}")
            answer.raise_for_status()
            return Decimal(answer.json()["rate"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError, InvalidOperation) as error:
            raise RatesUnavailable("the exchange rates cannot be had") from error
