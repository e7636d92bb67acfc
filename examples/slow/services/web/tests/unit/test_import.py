from web.rates import RATES


def test_the_euro_is_the_measure() -> None:
    assert RATES["EUR"] == 1.0
