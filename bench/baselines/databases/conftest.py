"""Three ways to give each test a database of its own, with the same schema; see bench/databases.py.

Each test writes down when it asked, when it had its database, and when it was over.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
# Twenty tables, as many services have after some years.
SCHEMA = "".join(
    f"CREATE TABLE t{n} (id bigserial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT"
    f" now()); CREATE INDEX ON t{n} (at); INSERT INTO t{n} (name) SELECT 'n' || i FROM"
    " generate_series(1, 20) i;"
    for n in range(20)
)
POSTGRES = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


def migrate(url: str) -> None:
    """Make the tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)


@pytest.fixture(scope="session")
def migrate_database() -> Callable[[str], object]:
    """Tell seatrial.testing how."""
    return migrate


@pytest.fixture
def created(service_url: Callable[[str], str]) -> Iterator[str]:
    """Create an empty database, and make its tables."""
    server = service_url("database")
    name = sql.Identifier(f"made_{WORKER}_{next(NUMBERS)}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        url = server.rpartition("/")[0] + f"/{name.as_string(None).strip(chr(34))}"
        migrate(url)
        yield url
        connection.execute(sql.SQL("DROP DATABASE {}").format(name))


NUMBERS = itertools.count()


@pytest.fixture
def container() -> Iterator[str]:
    """Start a server for the test alone, and make its tables."""
    words = ["docker", "run", "-d", "--rm", "-p", "127.0.0.1::5432"]
    words += ["--tmpfs", "/var/lib/postgresql/data", "-e", "POSTGRES_USER=test"]
    words += ["-e", "POSTGRES_PASSWORD=test", "-e", "POSTGRES_DB=testdb", "postgres:16"]
    name = said([*words, "postgres", *POSTGRES])
    try:
        port = said(["docker", "port", name, "5432/tcp"]).splitlines()[0].rpartition(":")[2]
        url = f"postgresql://test:test@127.0.0.1:{port}/testdb"
        until_it_answers(url)
        migrate(url)
        yield url
    finally:
        said(["docker", "rm", "-f", "-v", name])


def until_it_answers(url: str) -> None:
    """Wait for a server."""
    limit = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.02)


def said(words: list[str]) -> str:
    """Run a program and return what it printed."""
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def asked() -> float:
    """Return when the test began to ask."""
    return time.time()


@pytest.fixture
def work(asked: float) -> Iterator[Callable[[str, int], None]]:
    """Return what a test does with its database, once it has it; write down the times."""
    had = time.time()
    yield _work
    with Path(os.environ["BENCH_OUT"], f"{WORKER}.jsonl").open("a") as file:
        file.write(json.dumps([asked, had, time.time()]) + "\n")


def _work(url: str, number: int) -> None:
    """Find the rows of the migration and none of another test, and wait for the service."""
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM t7").fetchone() == (20,)
        connection.execute("INSERT INTO t7 (name) VALUES (%s)", [f"mine, {number}"])
    time.sleep(float(os.environ["BENCH_WORK"]))
