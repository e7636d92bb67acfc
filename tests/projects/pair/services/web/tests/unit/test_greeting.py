import pytest
from web import greeting


@pytest.mark.parametrize("hits", [1, 2])
def test_the_greeting_counts(hits: int) -> None:
    assert greeting(hits) == f"hello number {hits}"
