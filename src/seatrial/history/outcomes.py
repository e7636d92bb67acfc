"""How tests ended over the recorded runs, where they did not always pass at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.history.store import Answer, Store, use
from seatrial.history.upkeep import catch_up
from seatrial.model.result import Outcome

# Seconds for logs that have no rows yet.
_CATCH_UP = 10.0
_QUERY = """
    SELECT names.suite, names.test, runs.id, started, inputs,
        CASE suites.environment WHEN '' THEN '' ELSE runtime END, selection, outcome, attempts
    FROM tests JOIN names ON names.number = tests.name JOIN runs ON runs.number = tests.run
    JOIN suites ON suites.run = tests.run AND suites.suite = names.suite
    WHERE tests.name IN (
        SELECT name FROM tests
        WHERE outcome IN ('failed', 'error') OR (outcome = 'passed' AND attempts > 1)
    )
    ORDER BY names.suite, names.test, runs.id
"""


@dataclass(frozen=True, slots=True)
class PastTest:
    """A test in one recorded run; ``started`` is when that run began, in seconds since the epoch.

    Equal ``inputs`` mean equal files, empty ones that they are not known. ``runtime`` is that of
    its environment, empty where it has none; ``selection`` what narrowed the suite.
    """

    suite: str
    test: str
    run: str
    started: float
    inputs: str
    runtime: str
    selection: str
    outcome: Outcome
    attempts: int


def past_tests(folder: Path) -> Answer[list[PastTest]]:
    """Return all runs of the tests that failed in one of them, or passed in a later attempt.

    In the order of suites and tests, the oldest run first. ``folder`` is a worktree's. Raises
    ``EnvironmentFailure`` where the store cannot be had.
    """

    def read(store: Store) -> list[PastTest]:
        catch_up(store, folder, _CATCH_UP)
        return store.read(lambda found: list(_rows(found)))

    return use(folder, read)


def _rows(found: sqlite3.Connection) -> Iterator[PastTest]:
    for *texts, outcome, attempts in found.execute(_QUERY):
        suite, test, run, started, inputs, runtime, selection = texts
        yield PastTest(
            *(str(suite), str(test), str(run), float(started)),
            *(str(inputs), str(runtime), str(selection)),
            outcome=Outcome(outcome),
            attempts=int(attempts),
        )
