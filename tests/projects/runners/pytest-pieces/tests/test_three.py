def test_three() -> None:
    pass
