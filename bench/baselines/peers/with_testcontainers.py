"""The catalogue's environment by testcontainers-python; see bench/peers.py.

Without ``wait=True``: that is Compose's ``up --wait``, which fails where a one-shot service, the
migration, ends well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from testcontainers.compose import DockerCompose


@pytest.fixture(scope="session", autouse=True)
def addresses() -> Iterator[None]:
    """Bring it up and put the addresses where the tests look for them."""
    file = Path(os.environ["BENCH_COMPOSE"])
    with DockerCompose(
        context=file.parent, compose_file_name=file.name, build=True, wait=False
    ) as compose:
        host, port = compose.get_service_host_and_port("catalog", 8000)
        compose.wait_for(f"http://{host}:{port}/health")
        database = compose.get_service_port("database", 5432)
        os.environ["TEST_API_URL"] = f"http://{host}:{port}"
        os.environ["TEST_DATABASE_URL"] = f"postgresql://test:test@{host}:{database}/testdb"
        yield
