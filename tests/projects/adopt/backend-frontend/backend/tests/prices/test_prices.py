from shop.prices import shown


def test_cents_become_a_price():
    assert shown(250) == "2.50 EUR"
