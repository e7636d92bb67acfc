"""Databases for tests, on a real PostgreSQL server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from seatrial.testing import Database, Databases, wait_for
from seatrial.testing.server import LEFTOVER_SECONDS, Server, with_name
from tests.support.inner_pytest import pytest_in, write, written
from tests.support.local import Checkout

pytestmark = pytest.mark.local

COMPOSE = """
services:
  database:
    image: postgres:16
    environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: secret, POSTGRES_DB: app}
    ports: ["5432"]
    healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "test"], interval: 5s}
"""
RUN = "0123456789ab"
CONFTEST = """
import psycopg
import pytest
from pathlib import Path

@pytest.fixture(scope="session")
def migrate_database():
    def migrate(url):
        with (Path(__file__).parent / "migrations").open("a") as file:
            file.write("migrated\\n")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE notes (text text)")
    return migrate
"""
TESTS = """
import psycopg
import pytest

@pytest.mark.parametrize("number", range(12))
def test_the_table_is_empty(database, number):
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (0,)
        connection.execute("INSERT INTO notes VALUES ('mine')")

@pytest.mark.parametrize("number", range(4))
def test_a_worker_keeps_its_own(worker_database, number):
    with psycopg.connect(worker_database.url) as connection:
        connection.execute("INSERT INTO notes VALUES ('ours')")
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    for name in ("root", "state"):
        (folder / name).mkdir()
    checkout = Checkout(folder / "root", folder / "state")
    checkout.compose(COMPOSE)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def up() -> str:
            session = await stack.enter_async_context(checkout.run())
            environment = await stack.enter_async_context(session.up())
            return environment.exports["TEST_DATABASE_URL"]

        try:
            yield runner.run(up())
        finally:
            runner.run(stack.aclose())


@pytest.fixture
def nothing_stays(url: str) -> Iterator[None]:
    yield
    assert names(url) == []


def names(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            r"SELECT datname FROM pg_database WHERE datname LIKE 'seatrial\_%'"
        )
        return [name for (name,) in rows]


def create(url: str, age: float) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT extract(epoch FROM now())::bigint").fetchone()
        assert row is not None
        name = f"seatrial_{int(row[0] - age)}_{RUN}_gw0_1"
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return name


def nobody_is_there(url: str) -> bool:
    with psycopg.connect(url) as connection:
        there = "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'seatrial%'"
        return connection.execute(there).fetchone() is None


def end_all_connections(url: str) -> None:
    """Do to them what a server does that starts again."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'seatrial%'"
        )


def make_old(url: str, name: str) -> None:
    _, made, rest = name.split("_", 2)
    old = f"seatrial_{int(made) - LEFTOVER_SECONDS - 5}_{rest}"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(rename.format(sql.Identifier(name), sql.Identifier(old)))


def drop(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def migrate(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE notes (text text)")


@pytest.mark.usefixtures("nothing_stays")
@pytest.mark.parametrize("workers", [0, 3])
def test_each_test_has_its_own_and_one_migration_serves_all(
    tmp_path: Path, url: str, workers: int
) -> None:
    write(tmp_path, {"conftest.py": CONFTEST, "test_notes.py": TESTS})
    answer = pytest_in(tmp_path, "-n", str(workers), TEST_DATABASE_URL=url)
    assert "16 passed" in answer.stdout, answer.stdout
    assert (tmp_path / "migrations").read_text() == "migrated\n"


@pytest.mark.usefixtures("nothing_stays")
def test_all_are_different_also_beyond_those_that_were_expected(url: str) -> None:
    with Databases(url, migrate, run=RUN, wanted=2, ahead=2) as databases:
        taken = {databases.take().name for _ in range(5)}
    assert len(taken) == 5


@pytest.mark.usefixtures("nothing_stays")
def test_tests_that_ask_unannounced_have_theirs_made_ahead_too(url: str) -> None:
    """A fixture that asks for another by its name, or a test that is tried again."""
    query = f"SELECT count(*) FROM pg_database WHERE datname LIKE 'seatrial\\_%{RUN}\\_main\\_%'"

    def clones() -> int:
        with psycopg.connect(url) as connection:
            (row,) = connection.execute(query)
            return int(row[0])

    with Databases(url, migrate, run=RUN, wanted=0, ahead=2) as databases:
        assert clones() == 0
        databases.take()
        wait_for(lambda: clones() == 3, timeout=20)


@pytest.mark.usefixtures("nothing_stays")
def test_a_database_that_is_still_in_use_is_dropped(url: str) -> None:
    with Databases(url, migrate, run=RUN) as databases:
        taken: Database = databases.take()
        connection = psycopg.connect(taken.url)
        databases.give_back(taken)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


@pytest.mark.usefixtures("nothing_stays")
def test_a_connection_that_the_migration_left_open_does_no_harm(url: str) -> None:
    left: list[psycopg.Connection[tuple[object, ...]]] = []

    def careless(url: str) -> None:
        migrate(url)
        left.append(psycopg.connect(url))

    with Databases(url, careless, run=RUN) as databases:
        assert databases.take().name != databases.take().name
    left[0].close()


@pytest.mark.usefixtures("nothing_stays")
def test_a_migration_that_fails_is_told_and_leaves_nothing(url: str) -> None:
    def broken(url: str) -> None:
        raise LookupError("no such file: 001.sql")

    with pytest.raises(LookupError, match="001"), Databases(url, broken, run=RUN):
        pass


@pytest.mark.usefixtures("nothing_stays")
def test_a_migration_that_fails_is_not_in_the_way_of_other_workers(url: str) -> None:
    def broken(url: str) -> None:
        raise LookupError("no such file: 001.sql")

    other = Server(url, RUN)
    with pytest.raises(LookupError), Databases(url, broken, run=RUN, worker="gw0"):
        pass
    assert names(url) == []
    other.close()


@pytest.mark.usefixtures("nothing_stays")
def test_a_server_that_ended_all_connections_is_asked_again(url: str) -> None:
    with Databases(url, migrate, run=RUN, ahead=1) as databases:
        taken = [databases.take()]
        end_all_connections(url)
        taken += [databases.take() for _ in range(4)]
        assert len({database.name for database in taken}) == 5
        with psycopg.connect(taken[-1].url) as connection:
            assert connection.execute("SELECT count(*) FROM notes").fetchone() == (0,)
        end_all_connections(url)


@pytest.mark.usefixtures("nothing_stays")
def test_who_lost_the_connection_drops_nothing_of_others(url: str) -> None:
    with Databases(url, migrate, run=RUN, worker="gw1") as second:
        kept = second.take()
        with Databases(url, migrate, run=RUN, worker="gw0"):
            end_all_connections(url)
        assert kept.name in names(url)
        assert [name for name in names(url) if "_gw0_" in name] == []
        assert second.take().name in names(url)


@pytest.mark.usefixtures("nothing_stays")
def test_workers_that_have_databases_of_their_own_share_one_template(url: str) -> None:
    """As `seatrial test` gives them to the workers of a suite."""
    migrated: list[str] = []
    second_is_there = threading.Event()

    def slowly(url: str) -> None:
        migrated.append(url)
        second_is_there.wait(10)

    def take(name: str) -> str:
        with Databases(with_name(url, name), slowly, run=RUN, worker=name) as databases:
            return databases.take().name

    def waits() -> bool:
        query = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return administrator.execute(query).fetchone() is not None

    with psycopg.connect(url, autocommit=True) as administrator, ThreadPoolExecutor() as pool:
        for name in ("gw0", "gw1"):
            administrator.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        taken = [pool.submit(take, name) for name in ("gw0", "gw1")]
        try:
            wait_for(lambda: waits() or any(one.done() for one in taken), timeout=20)
        finally:
            second_is_there.set()
        assert len({one.result() for one in taken}) == 2
        for name in ("gw0", "gw1"):
            drop(url, name)
    assert len(migrated) == 1


@pytest.mark.usefixtures("nothing_stays")
def test_a_server_without_the_database_that_all_have_is_asked_through_the_given_one(
    url: str,
) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        try:
            with Databases(url, migrate, run=RUN) as databases:
                assert databases.take().name in names(url)
        finally:
            connection.execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true")


@pytest.mark.usefixtures("nothing_stays")
def test_the_last_worker_drops_the_template(url: str) -> None:
    with Databases(url, migrate, run=RUN, worker="gw0"):
        with Databases(url, migrate, run=RUN, worker="gw1") as second:
            second.take()
        assert [name for name in names(url) if name.endswith("_template")]
        assert [name for name in names(url) if "_gw1_" in name] == []


def test_what_a_killed_run_left_goes_with_the_next_run(url: str) -> None:
    create(url, age=LEFTOVER_SECONDS + 5)
    with Databases(url, migrate, run="ba9876543210"):
        assert [name for name in names(url) if RUN in name] == []
    assert names(url) == []


def test_a_run_that_is_killed_is_tidied_up_after(url: str) -> None:
    program = f"""
from seatrial.testing import Databases
with Databases({url!r}, print, run={RUN!r}) as databases:
    print("taken", databases.take().name, flush=True)
    input()
"""
    argv = [sys.executable, "-c", program]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert wait_for(run.stdout.readline).startswith("postgresql:")
        assert run.stdout.readline().startswith("taken")
        run.kill()
    left = wait_for(lambda: nobody_is_there(url) and names(url), what="the killed run is gone")
    assert any(name.endswith("_template") for name in left)
    for name in left:
        make_old(url, name)
    with Databases(url, migrate, run="ba9876543210"):
        pass
    assert names(url) == []


def test_what_is_young_is_left_alone(url: str) -> None:
    young = create(url, age=5)
    with Databases(url, migrate, run="ba9876543210"):
        pass
    assert names(url) == [young]
    drop(url, young)


def test_what_belongs_to_a_run_that_is_there_is_left_alone(url: str) -> None:
    old = create(url, age=LEFTOVER_SECONDS + 5)
    with psycopg.connect(url, application_name=f"seatrial_{RUN}"):
        with Databases(url, migrate, run="ba9876543210"):
            pass
        assert names(url) == [old]
    drop(url, old)


def test_databases_of_other_names_are_no_business_of_ours(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE seatrial_notes")
        with Databases(url, migrate, run=RUN):
            pass
        assert names(url) == ["seatrial_notes"]
        connection.execute("DROP DATABASE seatrial_notes")


@pytest.mark.usefixtures("nothing_stays")
def test_the_driver_in_the_scheme_of_the_url_is_kept_for_the_test(url: str) -> None:
    asked: list[str] = []

    def remember(url: str) -> None:
        asked.append(url)

    other = url.replace("postgresql:", "postgresql+asyncpg:")
    with Databases(other, remember, run=RUN) as databases:
        assert databases.take().url.startswith("postgresql+asyncpg://test:secret@")
    assert asked[0].startswith("postgresql+asyncpg://test:secret@")


@pytest.mark.usefixtures("nothing_stays")
def test_the_guide_works(tmp_path: Path, url: str) -> None:
    written(tmp_path)
    answer = pytest_in(tmp_path, "tests/integration/test_notes.py", TEST_DATABASE_URL=url)
    assert "2 passed" in answer.stdout, answer.stdout
