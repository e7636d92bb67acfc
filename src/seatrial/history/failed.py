"""Which tests failed when they last ran, over the newest runs of each suite.

A run that was narrowed to some tests, or ended early, says something about those alone: for the
others the runs before it count, back to the newest one that had the whole suite.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from seatrial.history.store import Answer, Store, use
from seatrial.history.upkeep import catch_up
from seatrial.model.failed import FailedBefore
from seatrial.model.result import Doubt, Outcome, TestResult, Verdict

# Seconds for logs that have no rows yet, and how many times each suite ran that are looked at.
_CATCH_UP = 10.0
_TIMES = 100
_BAD = (Outcome.FAILED, Outcome.ERROR)
_CUT = (Verdict.CANCELLED, Verdict.INTERRUPTED)
# With these a failed suite ran its tests to their end.
_WHOLE = (Doubt.NONE, Doubt.EXIT_ZERO, Doubt.FLAKY)
_SUITES = """
    SELECT number, id, suite, suites.verdict, doubt, selection FROM suites
    JOIN runs ON runs.number = suites.run ORDER BY suite, id DESC
"""
_TESTS = """
    SELECT suite, test, outcome, attempts, file, line FROM tests
    JOIN names ON names.number = tests.name WHERE run = ? ORDER BY file, line
"""
# A test, its outcome, its attempts, its file and line.
_Row: TypeAlias = tuple[Any, Any, Any, Any, Any]


@dataclass(slots=True)
class _Past:
    """What is known of a suite; ``over`` once older runs say nothing new."""

    run: str = ""
    ended: set[str] = field(default_factory=set)
    bad: list[TestResult] = field(default_factory=list)
    whole: bool = False
    over: bool = False
    times: int = 0


def failed_before(folder: Path) -> Answer[dict[str, FailedBefore] | None]:
    """Return what failed when it last ran, by the ids of suites; ``None`` where no run is recorded.

    ``folder`` is a worktree's. Raises ``EnvironmentFailure`` where the store cannot be had.
    """

    def read(store: Store) -> dict[str, FailedBefore] | None:
        catch_up(store, folder, _CATCH_UP)
        return store.read(lambda found: dict(_failed(found))) if store.ids() else None

    return use(folder, read)


def _failed(found: sqlite3.Connection) -> Iterator[tuple[str, FailedBefore]]:
    pasts: dict[str, _Past] = {}
    runs: dict[int, dict[str, list[_Row]]] = {}
    for number, run, suite, verdict, doubt, selection in found.execute(_SUITES).fetchall():
        past = pasts.setdefault(str(suite), _Past())
        # No news of a suite that did not start, or had nothing of what was asked for.
        nothing = verdict == Verdict.NO_TESTS or doubt == Doubt.USAGE
        silent = verdict == Verdict.NOT_RUN or (nothing and selection)
        if past.over or silent or past.times >= _TIMES:
            continue
        past.times += 1
        if number not in runs:
            runs[number] = _tests(found, number)
        rows = runs[number].get(suite, [])
        newly = _take(past, rows, flaky_fails=doubt == Doubt.FLAKY)
        broke = _broke(str(verdict), str(doubt), rows)
        past.whole = past.whole or broke
        if (newly or broke) and not past.run:
            past.run = str(run)
        past.over = broke or (not selection and verdict not in _CUT)
    for suite, past in pasts.items():
        if past.whole or past.bad:
            yield suite, FailedBefore(past.run, () if past.whole else tuple(past.bad))


def _tests(found: sqlite3.Connection, number: int) -> dict[str, list[_Row]]:
    """Return the tests of a run by their suites; asked for each suite it would take too long."""
    suites: dict[str, list[_Row]] = {}
    for suite, *row in found.execute(_TESTS, (number,)):
        test, outcome, attempts, file, line = row
        suites.setdefault(suite, []).append((test, outcome, attempts, file, line))
    return suites


def _take(past: _Past, rows: list[_Row], *, flaky_fails: bool) -> bool:
    """Take the tests of one run that no newer one had; return whether one of them failed."""
    newly = False
    for test, outcome, attempts, file, line in rows:
        if test in past.ended:
            continue
        result = TestResult(str(test), Outcome(outcome), file=str(file), line=int(line))
        is_bad = result.outcome in _BAD or (flaky_fails and int(attempts) > 1)
        past.ended.add(result.id)
        newly = newly or is_bad
        if is_bad:
            past.bad.append(result)
    return newly


def _broke(verdict: str, doubt: str, rows: list[_Row]) -> bool:
    """Return whether something failed that no test tells."""
    if verdict in (Verdict.PASSED, *_CUT):
        return False
    bad = any(outcome in _BAD for _, outcome, *_ in rows)
    return verdict != Verdict.FAILED or doubt not in _WHOLE or not (bad or doubt == Doubt.FLAKY)
