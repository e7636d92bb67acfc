"""How long suites and boots took of late: the median of the newest that passed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from statistics import median

from seatrial.errors import EnvironmentFailure, Where
from seatrial.history.store import FILE, use
from seatrial.history.upkeep import catch_up
from seatrial.model.expected import Expected

# One slow or quick run among so many does not count.
_NEWEST = 10
# Runs that are looked at, the newest: what ran in none of them has no past.
_RUNS = 100
_FOREVER = float("inf")
_SUITES = """SELECT suite, suites.seconds FROM suites JOIN runs ON number = run
    WHERE suites.verdict = 'passed' AND run IN (SELECT number FROM runs ORDER BY id DESC LIMIT ?)
    ORDER BY runs.id DESC"""
_BOOTS = """SELECT environment, phases.seconds FROM phases JOIN runs ON number = run
    WHERE phase = 'boot' AND ok AND run IN (SELECT number FROM runs ORDER BY id DESC LIMIT ?)
    ORDER BY runs.id DESC"""


def expected(folder: Path, *, complete: bool = False) -> Expected:
    """Return what the history in a worktree's ``folder`` lets expect; nothing where there is none.

    With ``complete`` all logs count, also those that have no rows yet, so that equal logs give
    equal answers. Raises ``EnvironmentFailure`` where a history that is there cannot be read.
    """
    path = folder / FILE
    if complete:
        use(folder, lambda store: catch_up(store, folder, _FOREVER))
    elif not path.exists():
        return Expected()
    try:
        # Readers need no turn, and write nothing.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            return Expected(
                _medians(found.execute(_SUITES, (_RUNS,))),
                _medians(found.execute(_BOOTS, (_RUNS,))),
            )
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise EnvironmentFailure(
            f"the history cannot be read: {error}",
            where=Where(path),
            mend="remove the file; it is made anew from the logs of the runs",
        ) from None


def _medians(rows: Iterable[tuple[str, float]]) -> dict[str, float]:
    newest: dict[str, list[float]] = {}
    for name, seconds in rows:
        times = newest.setdefault(str(name), [])
        if len(times) < _NEWEST:
            times.append(float(seconds))
    return {name: median(times) for name, times in newest.items()}
