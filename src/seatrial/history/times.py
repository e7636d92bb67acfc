"""How long the single tests of some suites took of late, and what came on top of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from seatrial.errors import EnvironmentFailure, Where
from seatrial.history.expected import Shared, counting_runs
from seatrial.history.store import FILE

# One slow or quick run among so many does not count.
_NEWEST = 5
# Runs of a suite that are looked at: a shard's run has some of its files only.
_RUNS = 20
_TESTS = """
    SELECT test, seconds FROM tests JOIN names ON names.number = name
    WHERE run = ? AND suite = ? AND outcome NOT IN ('failed', 'error')
"""
_SUITE = """
    SELECT seconds, verdict = 'passed' AND workers = 0 FROM suites WHERE run = ? AND suite = ?
"""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each test by its id, and those of a run of the suite that no test accounts for.

    ``overhead`` is 0 where tests ran side by side.
    """

    tests: Mapping[str, float] = field(default_factory=dict)
    overhead: float = 0.0


def times_of_tests(
    folder: Path, suites: Iterable[str], shared: Shared | None = None
) -> dict[str, Times]:
    """Return what the history in a worktree's ``folder`` knows of the tests of ``suites``.

    Each test counts with the median of its newest runs, also where only a part of its suite ran.
    Of what is ``shared``, the runs count that count for :func:`seatrial.history.expected.expected`,
    which has to be asked first. Raises ``EnvironmentFailure`` where the history cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            runs = counting_runs(found, shared)
            return {suite: _times(found, runs, suite) for suite in suites}
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise EnvironmentFailure(
            f"the history cannot be read: {error}",
            where=Where(path),
            mend="remove the file; it is made anew from the logs of the runs",
        ) from None


def _times(found: sqlite3.Connection, runs: Iterable[int], suite: str) -> Times:
    tests: dict[str, list[float]] = {}
    overheads: list[float] = []
    looked = 0
    for run in runs:
        here = found.execute(_SUITE, (run, suite)).fetchone()
        if here is None:
            continue
        total = 0.0
        for test, seconds in found.execute(_TESTS, (run, suite)):
            total += seconds
            newest = tests.setdefault(str(test), [])
            if len(newest) < _NEWEST:
                newest.append(float(seconds))
        if here[1] and len(overheads) < _NEWEST:
            overheads.append(max(0.0, here[0] - total))
        looked += 1
        if looked == _RUNS:
            break
    return Times({test: median(times) for test, times in tests.items()}, median(overheads or [0.0]))
