"""What the fixtures of databases do when a test asks for one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from seatrial.testing.database import Databases

_NO_PSYCOPG = """the fixtures of databases need psycopg 3, which is not installed
  help: put "psycopg[binary]" among the development dependencies of the service"""
_NO_MIGRATION = """there is no fixture `migrate_database`: how are the tables made?
  help: write one in conftest.py that returns a function of a database's URL:
        @pytest.fixture(scope="session")
        def migrate_database():
            return migrate  # called once for an empty database, with its URL"""


def no_migration() -> NoReturn:
    """Fail the test, and say what the project has to write."""
    pytest.fail(_NO_MIGRATION, pytrace=False)


def databases_of(
    request: pytest.FixtureRequest, url: str, migrate: Callable[[str], object]
) -> Databases:
    """Return the databases of this process, a worker of xdist or the only one."""
    if not url.startswith(("postgres:", "postgresql:", "postgresql+")):
        scheme = url.partition(":")[0]
        pytest.fail(f"TEST_DATABASE_URL is of {scheme}, not of PostgreSQL", pytrace=False)
    if find_spec("psycopg") is None:
        pytest.fail(_NO_PSYCOPG, pytrace=False)
    from seatrial.testing.database import Databases

    worker: dict[str, str] = getattr(request.config, "workerinput", {})
    # xdist gives its workers one name for their run.
    run = hashlib.sha256(worker.get("testrunuid", uuid.uuid4().hex).encode()).hexdigest()[:12]
    names = (getattr(item, "fixturenames", ()) for item in request.session.items)
    wanted = sum("database" in asked or "worker_database" in asked for asked in names)
    return Databases(url, migrate, run=run, worker=worker.get("workerid", "main"), wanted=wanted)
