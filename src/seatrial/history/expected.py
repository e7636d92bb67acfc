"""How long suites and boots took of late: the median of the newest that passed.

A suite that was narrowed to some of its tests says nothing about how long all of them take.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

from seatrial.errors import EnvironmentFailure, Where
from seatrial.history.migrations import MIGRATIONS
from seatrial.history.store import FILE, use
from seatrial.history.upkeep import catch_up
from seatrial.model.expected import Expected

# One slow or quick run among so many does not count.
_NEWEST = 10
# Runs that are looked at, the newest: what ran in none of them has no past.
_RUNS = 100
_FOREVER = float("inf")
_NAMES = "SELECT suite FROM suites WHERE run = ? AND selection = ''"
_SUITES = (
    "SELECT suite, seconds FROM suites WHERE run = ? AND verdict = 'passed' AND selection = ''"
)
_BOOTS = "SELECT environment, seconds FROM phases WHERE run = ? AND phase = 'boot' AND ok"


@dataclass(frozen=True, slots=True)
class Shared:
    """What is split: the ids of ``suites``, at ``commit`` (empty where there is none)."""

    suites: frozenset[str]
    commit: str


def expected(folder: Path, shared: Shared | None = None) -> Expected:
    """Return what the history in a worktree's ``folder`` lets expect; nothing where there is none.

    For what is ``shared`` all logs count, also those that have no rows yet, so that equal logs give
    equal answers. Runs at its own commit count only where they had all of its suites: no shard's
    run changes what the next one is given.
    Raises ``EnvironmentFailure`` where a history that is there cannot be read.
    """
    path = folder / FILE
    if shared is not None:
        use(folder, lambda store: catch_up(store, folder, _FOREVER))
    elif not path.exists():
        return Expected()
    try:
        # Readers need no turn, and write nothing.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            if found.execute("PRAGMA user_version").fetchone()[0] < len(MIGRATIONS):
                # The run that follows brings it up to date.
                return Expected()
            runs = counting_runs(found, shared)
            return Expected(_medians(found, _SUITES, runs), _medians(found, _BOOTS, runs))
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise EnvironmentFailure(
            f"the history cannot be read: {error}",
            where=Where(path),
            mend="remove the file; it is made anew from the logs of the runs",
        ) from None


def counting_runs(found: sqlite3.Connection, shared: Shared | None) -> list[int]:
    """Return the numbers of the runs that count, the newest first."""
    runs = found.execute('SELECT number, "commit" FROM runs ORDER BY id DESC').fetchall()
    counting = (
        number
        for number, commit in runs
        if shared is None
        or commit != shared.commit
        or shared.suites <= {row[0] for row in found.execute(_NAMES, (number,))}
    )
    return list(islice(counting, _RUNS))


def _medians(found: sqlite3.Connection, query: str, runs: Iterable[int]) -> dict[str, float]:
    newest: dict[str, list[float]] = {}
    for run in runs:
        for name, seconds in found.execute(query, (run,)):
            times = newest.setdefault(str(name), [])
            if len(times) < _NEWEST:
                times.append(float(seconds))
    return {name: median(times) for name, times in newest.items()}
