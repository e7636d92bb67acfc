from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from valkey import Valkey


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    url = os.environ.get("TEST_VALKEY_URL")
    if not url:
        pytest.fail("TEST_VALKEY_URL is not set: use `make test-service`", pytrace=False)
    with Valkey.from_url(url, socket_timeout=10) as valkey:
        yield valkey
