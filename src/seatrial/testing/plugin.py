"""The pytest plugin of ``seatrial.testing``.

A project asks for it with ``-p seatrial.testing.plugin``, often for one fixture. So it imports what
it needs when that is asked for, and changes nothing for tests that do not ask: fixtures are
offered, markers are put only where the project has none of the name, and the guard is on only by
``seatrial_guard``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from seatrial.testing.stages import STAGES, stage_of

if TYPE_CHECKING:
    from seatrial.testing.database import Database, Databases
    from seatrial.testing.stub import Stub

_LOOPBACK = "loopback: this unit test may open sockets to its own machine"
_GUARD = "fail unit tests that open a socket (seatrial)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the setting of the guard."""
    parser.addini("seatrial_guard", _GUARD, type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the guard where it is asked for."""
    for line in (*_own_lines().values(), _LOOPBACK):
        config.addinivalue_line("markers", line)
    if config.getini("seatrial_guard"):
        from seatrial.testing.guard import Guard

        config.pluginmanager.register(Guard(config.rootpath), "seatrial-guard")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with its stage, before ``-m`` selects."""
    free = _unclaimed(config)
    for item in items:
        stage = stage_of(item.path.parent)
        if stage in free and not any(item.get_closest_marker(name) for name in STAGES):
            item.add_marker(stage)


@pytest.fixture(scope="session")
def service_url() -> Callable[[str], str]:
    """Return how to find a service: ``service_url("api")`` is what ``TEST_API_URL`` holds."""
    from seatrial.testing.urls import service_url

    return service_url


@pytest.fixture(scope="session")
def migrate_database() -> Callable[[str], object]:
    """Return what makes the tables of an empty database, given its URL; the project's own."""
    from seatrial.testing.fixtures import no_migration

    return no_migration()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest,
    service_url: Callable[[str], str],
    migrate_database: Callable[[str], object],
) -> Iterator[Databases]:
    """Give clones of a migrated template, on the server of ``TEST_DATABASE_URL``."""
    from seatrial.testing.fixtures import databases_of

    with databases_of(request, service_url("database"), migrate_database) as databases:
        yield databases


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """Give the test a database of its own."""
    taken = databases.take()
    yield taken
    databases.give_back(taken)


@pytest.fixture(scope="session")
def worker_database(databases: Databases) -> Database:
    """Give all tests of one process, an xdist worker for instance, the same database."""
    return databases.take()


@pytest.fixture
def http_stub(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Stub]]:
    """Return what starts a stand-in for an HTTP API from a file beside the test.

    The test fails where something was asked that nothing is recorded for.
    """
    from seatrial.testing.fixtures import Stubs

    with Stubs(request.path.parent) as stubs:
        yield stubs.start


def _own_lines() -> dict[str, str]:
    return {name: f"{name}: {meaning}" for name, meaning in STAGES.items()}


def _unclaimed(config: pytest.Config) -> set[str]:
    """Return the stages whose names the project has not registered as markers of its own."""
    own = _own_lines()
    names = [
        line.partition(":")[0].partition("(")[0].strip()
        for line in config.getini("markers")
        if line not in own.values()
    ]
    return set(own).difference(names)
