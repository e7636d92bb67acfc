"""How the suites of late runs ran: with how many workers, how long, and how they ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from seatrial.history.migrations import MIGRATIONS
from seatrial.history.model import SuiteRun
from seatrial.history.store import FILE

# Runs that are looked at: what is older was another program.
_RUNS = 40
_QUERY = """
    SELECT suite, asked, workers, spreads, suites.verdict = 'passed', suites.seconds, tests, inputs
    FROM suites JOIN runs ON number = run
    WHERE run IN (SELECT number FROM runs ORDER BY id DESC LIMIT ?)
        AND selection = '' AND suites.verdict IN ('passed', 'failed')
    ORDER BY runs.id DESC
"""


def runs_of_suites(folder: Path, suites: Collection[str]) -> dict[str, list[SuiteRun]]:
    """Return the late whole runs of ``suites``, the newest first; nothing where that fails."""
    path = folder / FILE
    found: dict[str, list[SuiteRun]] = {}
    if not path.exists():
        return found
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            if store.execute("PRAGMA user_version").fetchone()[0] < len(MIGRATIONS):
                return found
            for suite, asked, workers, spreads, passed, *rest in store.execute(_QUERY, (_RUNS,)):
                if suite in suites:
                    seconds, tests, inputs = rest
                    run = SuiteRun(
                        *(int(asked), int(workers), bool(spreads), bool(passed)),
                        *(float(seconds), int(tests), str(inputs)),
                    )
                    found.setdefault(str(suite), []).append(run)
    except (sqlite3.Error, ValueError, TypeError):
        return {}
    return found
