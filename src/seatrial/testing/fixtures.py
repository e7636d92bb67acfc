"""What the plugin's fixtures do when a test asks for one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

import pytest

if TYPE_CHECKING:
    from seatrial.testing.database import Databases
    from seatrial.testing.stub import Stub

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


class Stubs:
    """The stand-ins of one test; at its end they stop, and the test fails for unknown requests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._stubs: list[Stub] = []

    def __enter__(self) -> Self:
        return self

    def start(self, file: str) -> Stub:
        """Start one with the answers of ``file``, a path from the folder of the test."""
        from seatrial.testing.stub import Stub, StubError

        try:
            stub = Stub.from_file(self._folder / file)
        except StubError as error:
            pytest.fail(str(error), pytrace=False)
        self._stubs.append(self._stack.enter_context(stub))
        return stub

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
        for stub in self._stubs:
            try:
                stub.check()
            except AssertionError as unknown:
                pytest.fail(str(unknown), pytrace=False)
