def test_one() -> None:
    pass
