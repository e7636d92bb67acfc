from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from .support import Shop, from_environment

FRONT = os.environ.get("TEST_FRONTEND_URL")


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """The shop through its front end; where that is left out (no Node), the services themselves."""
    with ExitStack() as stack:

        def client(url: str) -> httpx2.Client:
            return stack.enter_context(httpx2.Client(base_url=url, timeout=10))

        catalog = client(from_environment("TEST_CATALOG_URL"))
        if FRONT:
            front = client(f"{FRONT}/api")
            yield Shop(front, front, catalog)
        else:
            yield Shop(catalog, client(from_environment("TEST_ORDERS_URL")), catalog)


@pytest.fixture(scope="session")
def front(shop: Shop) -> httpx2.Client:
    if not FRONT:
        pytest.skip("the front end is left out: it needs Node")
    return shop.products
