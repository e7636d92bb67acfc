import pytest


@pytest.fixture
def word() -> str:
    return "word"
