from __future__ import annotations

import pytest

from .fakes import MemoryBook, MemoryCatalog


@pytest.fixture
def book() -> MemoryBook:
    return MemoryBook()


@pytest.fixture
def catalog() -> MemoryCatalog:
    return MemoryCatalog()
