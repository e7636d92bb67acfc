"""`seatrial test` spreads a suite over workers where that pays, each with a database of its own."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.program import Repository, Said

BIG = '[project]\nname = "big"\nversion = "1"\n'
WORK = """
def test_works(): pass
def test_more(): pass
"""
DATABASE = """
services:
  db:
    image: postgres:16
    environment: {POSTGRES_USER: test, POSTGRES_PASSWORD: sec'ret, POSTGRES_DB: shop}
    ports: ["5432"]
    healthcheck: {test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "test"], interval: 5s}
"""
CACHE = """
  cache:
    image: valkey/valkey:8
    ports: ["6379"]
    healthcheck: {test: ["CMD", "valkey-cli", "ping"], interval: 5s}
"""
SETTINGS = """
[services.store.service]
parallel = true
{setup}
exports = {{ STORE_URL = "{{db.url}}?connect_timeout=5" }}
"""
SETUP = """setup = [["python", "seed.py"]]"""
SEED = """
import os, psycopg
with psycopg.connect(os.environ["TEST_DB_URL"]) as connection:
    connection.execute("CREATE TABLE notes AS SELECT 'seed' AS text")
"""
# Imported before any test, in each worker: here its own database must already be the one.
CONFTEST = """
import os
URL = os.environ["TEST_DATABASE_URL"]
"""
STORE = """
import os, psycopg, pytest
from conftest import URL

seen = []

@pytest.mark.parametrize("number", range(3))
def test_sees_its_own_notes(number, request):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    assert os.environ["TEST_DB_URL"] == URL
    assert os.environ["STORE_URL"] == URL + "?connect_timeout=5"
    with psycopg.connect(os.environ["STORE_URL"]) as connection:
        name, = connection.execute("SELECT current_database()").fetchone()
        assert name == f"shop_{worker}"
        texts = [text for text, in connection.execute("SELECT text FROM notes")]
        assert texts.count(__file__) == number
        assert texts[0] == "seed"
        connection.execute("INSERT INTO notes VALUES (%s)", [__file__])
"""
CACHED = """
import os
def test_has_a_number_of_its_own():
    worker = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    assert os.environ["TEST_CACHE_URL"].endswith(f"/{worker + 1}")
    assert os.environ["TEST_REDIS_URL"] == os.environ["TEST_CACHE_URL"]
"""


def empty(place: Path) -> Repository:
    """Return a repository without packages of its own: its tests run with ours, xdist included."""
    root, home = place / "repo", place / "home"
    (home / "run").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    return Repository(root, home)


@pytest.fixture
def work(tmp_path: Path) -> Repository:
    """Return a repository of one suite in several files."""
    repository = empty(tmp_path)
    repository.write("services/big/pyproject.toml", BIG)
    for number in range(6):
        repository.write(f"services/big/tests/unit/test_{number}.py", WORK)
    return repository


@pytest.fixture
def long(work: Repository) -> Repository:
    """Return it with a recorded run that had enough to do for two workers: 12 s of 13 s."""
    assert workers(run(work)) == (0, 0)
    with closing(sqlite3.connect(work.root / ".seatrial/history.db")) as store:
        store.execute("UPDATE tests SET seconds = 1.0")
        store.execute("UPDATE suites SET seconds = 13.0")
        store.commit()
    return work


def run(work: Repository, *words: str) -> Said:
    said = work.seatrial("test", "big", "--stage", "unit", "--output", "json", *words)
    assert said.code == 0, said.all
    return said


def workers(said: Said) -> tuple[int, int]:
    """Return how many workers were asked for, and how many there were."""
    (planned,) = said.events("RunStarted")[0]["suites"]
    (finished,) = said.events("SuiteFinished")
    return planned["workers"], finished["result"]["workers"]


def test_a_suite_is_spread_once_its_past_says_that_it_pays(long: Repository) -> None:
    shown = long.seatrial("test", "big", "--stage", "unit", "--dry-run")
    assert "pytest tests/unit -n 2 --dist loadfile" in shown.out
    assert "2 workers: its past lets expect 7.7s in the place of 13.0s" in shown.out
    said = run(long, "--why")
    assert workers(said) == (2, 2)
    assert "unit:big  2 workers: its past lets expect" in said.err
    assert said.passed() == {"unit:big": 12}
    check_order(said)
    assert long.traces() == []


def check_order(said: Said) -> None:
    """Hold what is told to the order in which it must come, whatever workers say when."""
    started = [event["test"] for event in said.events("TestStarted")]
    finished = [event["result"]["id"] for event in said.events("TestFinished")]
    assert sorted(started) == sorted(finished) == sorted(set(started))
    kinds = [
        (line["event"], line.get("test") or line.get("result", {}).get("id"))
        for line in map(json.loads, said.out.splitlines())
    ]
    for test in started:
        assert kinds.index(("TestStarted", test)) < kinds.index(("TestFinished", test))
    (collected,) = said.events("TestsCollected")
    assert collected["total"] == len(started)


def test_what_forbids_workers_is_said(long: Repository) -> None:
    off = "seatrial.toml says parallel = false"
    for text, words, cause in (
        ("[services.big.unit]\nparallel = false\n", (), off),
        ("[run]\nparallel = false\n", (), off),
        ("", ("--jobs", "1"), "there is one processor, or --jobs 1"),
        ("", ("-k", "works"), "only some of its tests were asked for"),
    ):
        long.write("seatrial.toml", text)
        said = long.seatrial("test", "big", "--stage", "unit", "--dry-run", *words)
        assert said.code == 0, said.all
        assert f"no workers: {cause}" in said.out
        assert " -n " not in said.out


def test_options_of_the_project_itself_win(work: Repository) -> None:
    work.write("seatrial.toml", "[run]\nparallel = true\n")
    assert workers(run(work)) == (2, 2)
    work.write("services/big/pytest.ini", "[pytest]\naddopts = -n 3\n")
    assert workers(run(work)) == (2, 3)
    assert workers(run(work)) == (0, 3)
    shown = work.seatrial("test", "big", "--stage", "unit", "--dry-run")
    assert "no workers: its own options set -n" in shown.out


@pytest.fixture
def store(tmp_path: Path) -> Repository:
    """Return a repository whose only suite asks a database, and no service before it."""
    repository = empty(tmp_path)
    repository.write("services/store/pyproject.toml", BIG.replace("big", "store"))
    repository.write("services/store/seed.py", SEED)
    repository.write("services/store/deploy/test/docker-compose.yml", DATABASE)
    repository.write("services/store/tests/integration/conftest.py", CONFTEST)
    for number in range(4):
        repository.write(f"services/store/tests/integration/test_{number}.py", STORE)
    repository.write("seatrial.toml", SETTINGS.format(setup=SETUP))
    return repository


@pytest.mark.parametrize(
    "runtime",
    [
        pytest.param("process", marks=pytest.mark.local),
        pytest.param("docker", marks=pytest.mark.engine),
    ],
)
def test_each_worker_has_a_clone_of_what_set_up_has_made(store: Repository, runtime: str) -> None:
    said = store.seatrial("test", "store", "--runtime", runtime, "--output", "json")
    assert said.code == 0, said.all
    assert said.passed() == {"service:store": 12}
    assert workers(said) == (2, 2)
    assert store.traces() == []


@pytest.mark.local
def test_each_worker_has_a_number_of_a_cache(store: Repository) -> None:
    store.write("services/store/deploy/test/docker-compose.yml", DATABASE + CACHE)
    store.write("seatrial.toml", SETTINGS.format(setup=""))
    for number in range(4):
        store.write(f"services/store/tests/integration/test_{number}.py", CACHED)
    said = store.seatrial("test", "store", "--runtime", "process", "--output", "json")
    assert said.code == 0, said.all
    assert workers(said) == (2, 2)


def test_a_suite_that_shares_what_cannot_be_cloned_has_no_workers(store: Repository) -> None:
    words = ("test", "store", "--runtime", "process", "--dry-run")
    assert "each has a database of its own in db" in store.seatrial(*words).out
    store.write("services/store/deploy/test/docker-compose.yml", DATABASE + CACHE)
    said = store.seatrial(*words).out
    assert "no workers: there is one cache, which set-up commands may have filled" in said
    service = "  web: {image: 'nginx:1', ports: ['80']}\n"
    store.write("services/store/deploy/test/docker-compose.yml", DATABASE + service)
    assert "no workers: there is one web, which all workers would ask" in store.seatrial(*words).out
    store.write("services/store/deploy/test/docker-compose.yml", DATABASE)
    store.write(
        "services/store/tests/integration/helper.py", 'import os\nos.environ["TEST_DB_HOST"]'
    )
    said = store.seatrial(*words).out
    assert "database where tests/integration/helper.py reads TEST_DB_HOST" in said
