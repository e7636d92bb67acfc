def test_one(word: str) -> None:
    assert word


def test_other() -> None:
    pass
