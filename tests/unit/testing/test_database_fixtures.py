"""What the fixtures of databases say where they cannot be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.testing.server import plain, with_name
from tests.support.inner_pytest import pytest_in, write

MIGRATE = """
import pytest

@pytest.fixture(scope="session")
def migrate_database():
    return print
"""
WITHOUT_PSYCOPG = f"import sys\nsys.modules['psycopg'] = None\n{MIGRATE}"


@pytest.mark.parametrize(
    ("conftest", "url", "told"),
    [
        (MIGRATE, "", "TEST_DATABASE_URL is not set"),
        ("", "postgresql://here/app", "there is no fixture `migrate_database`"),
        (MIGRATE, "mysql://here/app", "TEST_DATABASE_URL is of mysql, not of PostgreSQL"),
        (WITHOUT_PSYCOPG, "postgresql://here/app", "need psycopg 3, which is not installed"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, conftest: str, url: str, told: str) -> None:
    write(tmp_path, {"conftest.py": conftest, "test_it.py": "def test_it(database): pass\n"})
    answer = pytest_in(tmp_path, TEST_DATABASE_URL=url)
    assert answer.returncode == 1
    assert told in answer.stdout
    assert "Traceback" not in answer.stdout


@pytest.mark.parametrize(
    ("url", "asked", "clone"),
    [
        (
            "postgresql+asyncpg://me:p%40ss@here:5433/app?sslmode=disable",
            "postgresql://me:p%40ss@here:5433/app?sslmode=disable",
            "postgresql+asyncpg://me:p%40ss@here:5433/one?sslmode=disable",
        ),
        (
            "postgresql:///app?host=/run/postgresql",
            "postgresql:///app?host=/run/postgresql",
            "postgresql:///one?host=/run/postgresql",
        ),
    ],
)
def test_an_address_stays_what_it_is_but_for_the_database(url: str, asked: str, clone: str) -> None:
    assert plain(url) == asked
    assert with_name(url, "one") == clone
