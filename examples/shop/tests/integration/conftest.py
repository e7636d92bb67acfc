from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from .support import Shop, from_environment


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    front = httpx2.Client(base_url=from_environment("TEST_FRONTEND_URL"), timeout=10)
    catalog = httpx2.Client(base_url=from_environment("TEST_CATALOG_URL"), timeout=10)
    with front, catalog:
        yield Shop(front, catalog)
