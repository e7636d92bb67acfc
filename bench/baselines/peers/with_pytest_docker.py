"""The catalogue's environment by pytest-docker, as its README shows it; see bench/peers.py.

Its own set-up is ``up --build --wait``, which fails where a one-shot service, the migration, ends
well; without ``--wait`` it is left to ``wait_until_responsive``.
"""

from __future__ import annotations

import os
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from pytest_docker.plugin import Services


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    """Return the compose file that seatrial takes, too."""
    return os.environ["BENCH_COMPOSE"]


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    """Return a name that nobody else has."""
    return os.environ["BENCH_PROJECT"]


@pytest.fixture(scope="session")
def docker_setup() -> str:
    """Return how it is brought up."""
    return "up --build -d"


@pytest.fixture(scope="session", autouse=True)
def addresses(docker_ip: str, docker_services: Services) -> None:
    """Wait for the service and put the addresses where the tests look for them."""
    port = docker_services.port_for("catalog", 8000)
    url = f"http://{docker_ip}:{port}"
    docker_services.wait_until_responsive(
        timeout=60, pause=0.1, check=lambda: _answers(f"{url}/health")
    )
    database = docker_services.port_for("database", 5432)
    os.environ["TEST_API_URL"] = url
    os.environ["TEST_DATABASE_URL"] = f"postgresql://test:test@{docker_ip}:{database}/testdb"


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2):
            return True
    except (URLError, ConnectionError):
        return False
