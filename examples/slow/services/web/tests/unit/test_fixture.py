import pytest

from web.work import busy


@pytest.fixture
def catalogue() -> tuple[str, ...]:
    busy(0.27)
    return ("bread", "milk")


def test_there_is_bread(catalogue: tuple[str, ...]) -> None:
    assert "bread" in catalogue


def test_there_is_milk(catalogue: tuple[str, ...]) -> None:
    assert "milk" in catalogue
