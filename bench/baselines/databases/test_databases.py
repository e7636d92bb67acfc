"""Tests that each want a database of their own."""

import os
import time

import psycopg
import pytest

# What a service does meanwhile, in seconds: the test waits for it.
WORK = float(os.environ["BENCH_WORK"])


@pytest.mark.parametrize("number", range(int(os.environ["BENCH_TESTS"])))
def test_it_is_fresh(url: str, number: int) -> None:
    """Find the rows of the migration, and none of another test."""
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM t7").fetchone() == (20,)
        connection.execute("INSERT INTO t7 (name) VALUES ('mine')")
    time.sleep(WORK)
    assert number >= 0
