from __future__ import annotations

from decimal import Decimal

import httpx2
import pytest

from catalog.errors import RatesUnavailable, UnknownCurrency
from catalog.rates import HttpRates


def rates_answering(status: int, body: str) -> HttpRates:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/latest/EUR/USD"
        return httpx2.Response(status, text=body)

    transport = httpx2.MockTransport(answer)
    return HttpRates(httpx2.Client(base_url="http://rates", transport=transport))


def test_reads_the_rate() -> None:
    assert rates_answering(200, '{"rate": "1.10"}').rate("USD") == Decimal("1.10")


def test_an_unknown_currency_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownCurrency, match="USD"):
        rates_answering(404, "{}").rate("USD")


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, "{}"), (200, "<html>"), (200, "{}"), (200, '{"rate": "much"}')],
)
def test_every_other_answer_means_that_rates_cannot_be_had(status: int, body: str) -> None:
    with pytest.raises(RatesUnavailable):
        rates_answering(status, body).rate("USD")
