def test_two() -> None:
    pass
