def test_checked() -> None:
    pass
