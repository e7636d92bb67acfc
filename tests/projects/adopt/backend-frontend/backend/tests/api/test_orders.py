def test_orders_are_listed(orders):
    assert orders
