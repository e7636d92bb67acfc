"""The same test for each way to a database; fixtures are made in the order of the arguments."""

import os
from collections.abc import Callable

import pytest

from seatrial.testing import Database

AGAIN = pytest.mark.parametrize("number", range(int(os.environ["BENCH_TESTS"])))


@AGAIN
def test_cloned(database: Database, work: Callable[[str, int], None], number: int) -> None:
    """Have one cloned."""
    work(database.url, number)


@AGAIN
def test_created(created: str, work: Callable[[str, int], None], number: int) -> None:
    """Have one created and migrated."""
    work(created, number)


@AGAIN
def test_container(container: str, work: Callable[[str, int], None], number: int) -> None:
    """Have a server started."""
    work(container, number)
