"""The database of a worktree's history: opened by one process at a time, mended where it broke.

The rows are made from the logs. A database that cannot be read is therefore moved aside and begun
again, and nothing is lost with it but the time to read the logs.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from seatrial.errors import EnvironmentFailure, Where
from seatrial.history.migrations import migrate
from seatrial.history.model import PastRun, PastSuite
from seatrial.history.rows import Rows
from seatrial.model.result import Counts, TestResult

T = TypeVar("T")

FILE = "history.db"
_LOCK = "history.lock"
# Seconds to wait for others, and between two looks.
PATIENCE = 3.0
_PAUSE = 0.005
# Errors that are not the file's: with another one, or tomorrow, it would be the same.
_SURROUNDINGS = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOLFS,
    sqlite3.SQLITE_AUTH,
)
_ASIDE = 3
_RUN = """id, started, seconds, verdict, exit_code, version, branch, "commit", runtime, stages,
    suites, inputs, passed, failed, error, skipped, xfailed, xpassed"""
_FLAKY = """(SELECT count(*) FROM tests
    WHERE run = runs.number AND outcome = 'passed' AND attempts > 1)"""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a use of the store came to; ``moved`` is where a spoilt database was put."""

    value: T
    moved: Path | None = None


class Store:
    """The open database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._do = connection

    def put(self, rows: Rows) -> None:
        """Write a run with all its rows, in place of what was written of it before."""
        run = rows.run()
        if run is None:
            return
        with _transaction(self._do):
            self._drop([run.id])
            number = self._put_run(run)
            self._put_suites(number, rows)
            self._put_tests(number, rows)
            self._do.executemany(
                "INSERT INTO phases VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_storable(number, *astuple(phase)) for phase in rows.phases],
            )

    def ids(self) -> set[str]:
        """Return the ids of all runs."""
        return {row[0] for row in self._do.execute("SELECT id FROM runs")}

    def runs(self, number: int) -> list[PastRun]:
        """Return the last ``number`` runs, the newest first."""
        query = f"SELECT {_RUN}, {_FLAKY} FROM runs ORDER BY id DESC LIMIT ?"
        return [_past(row) for row in self._do.execute(query, (number,))]

    def suites(self, upto: str, number: int) -> list[PastSuite]:
        """Return the last ``number`` times that each suite was started, up to the run ``upto``.

        In the order of the runs, the oldest first.
        """
        query = """
            SELECT suite, id, started, verdict, seconds, tests, bad FROM (
                SELECT suite, suites.verdict, suites.seconds, tests, bad, runs.id, runs.started,
                    row_number() OVER (PARTITION BY suite ORDER BY runs.id DESC) AS back
                FROM suites JOIN runs ON runs.number = suites.run
                WHERE runs.id <= ? AND suites.at IS NOT NULL
            ) WHERE back <= ? ORDER BY id, suite
        """
        return [_past_suite(row) for row in self._do.execute(query, (upto, number))]

    def read(self, action: Callable[[sqlite3.Connection], T]) -> T:
        """Return what ``action`` reads from the tables; it changes nothing.

        A value of another type than its column's is an error of the database.
        """
        try:
            return action(self._do)
        except (TypeError, ValueError, OverflowError) as error:
            raise sqlite3.DatabaseError("a row holds what is none") from error

    def drop(self, runs: Iterable[str]) -> None:
        """Forget ``runs``, and the names of tests that only they had."""
        with _transaction(self._do):
            self._drop(runs)
            self._do.execute("DELETE FROM names WHERE number NOT IN (SELECT name FROM tests)")

    def _drop(self, runs: Iterable[str]) -> None:
        for run in runs:
            found = self._do.execute("SELECT number FROM runs WHERE id = ?", (run,)).fetchone()
            if found:
                for table in ("suites", "tests", "phases"):
                    self._do.execute(f"DELETE FROM {table} WHERE run = ?", found)
                self._do.execute("DELETE FROM runs WHERE number = ?", found)

    def _put_run(self, run: PastRun) -> int | None:
        values = _storable(
            *(run.id, run.started, run.seconds, run.verdict, run.exit_code, run.version),
            *(run.branch, run.commit, run.runtime, " ".join(run.stages), run.suites),
            run.inputs,
            *astuple(run.counts),
        )
        marks = ", ".join("?" * len(values))
        return self._do.execute(f"INSERT INTO runs ({_RUN}) VALUES ({marks})", values).lastrowid

    def _put_suites(self, number: int | None, rows: Rows) -> None:
        planned = rows.started.suites if rows.started else ()
        results = [(plan, rows.suites[plan.id]) for plan in planned if plan.id in rows.suites]
        self._do.executemany(
            "INSERT OR REPLACE INTO suites VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                _storable(
                    *(number, plan.id, plan.stage, plan.environment, result.verdict),
                    *(rows.began.get(plan.id), result.seconds),
                    *(result.counts.total, result.counts.bad),
                    *(plan.selection, result.doubt, plan.workers, result.workers, result.spreads),
                )
                for plan, result in results
            ],
        )

    def _put_tests(self, number: int | None, rows: Rows) -> None:
        self._do.executemany(
            "INSERT OR IGNORE INTO names (suite, test) VALUES (?, ?)",
            [_storable(suite, test) for suite, test in rows.tests],
        )
        self._do.executemany(
            "INSERT OR REPLACE INTO tests VALUES"
            " (?, (SELECT number FROM names WHERE suite = ? AND test = ?), ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                _storable(number, suite, test, *_columns(result))
                for (suite, test), result in rows.tests.items()
            ],
        )


def use(folder: Path, action: Callable[[Store], T], patience: float = PATIENCE) -> Answer[T]:
    """Call ``action`` with the open store of a worktree's ``folder``; made where it is missing.

    ``action`` is called a second time, on an empty store, where the first one proved to be spoilt.
    Raises ``EnvironmentFailure`` where the store cannot be had, ``NewerHistory`` among them.
    """
    path = folder / FILE
    try:
        with _alone(folder / _LOCK, patience):
            try:
                return Answer(_use(path, action, patience))
            except (sqlite3.Error, UnicodeDecodeError) as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF in _SURROUNDINGS:
                    raise
            moved = _move_aside(path)
            return Answer(_use(path, action, patience), moved)
    except _Held as error:
        raise _unusable(path, str(error), "try again when it is done") from None
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        mend = "see that there is room and that the folder can be written to"
        raise _unusable(path, reason.lower(), mend) from None


class _Held(Exception):
    """Another process has the store for longer than one may wait."""


def _unusable(path: Path, reason: str, mend: str) -> EnvironmentFailure:
    what = f"the history cannot be used: {reason}"
    return EnvironmentFailure(what, where=Where(path), mend=mend)


def _use(path: Path, action: Callable[[Store], T], patience: float) -> T:
    # SQLite gives its other files the mode of the first.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
        # Readers of the file need no lock of ours. A crash of the machine may cost the last runs'
        # rows, which come again from their logs.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        migrate(connection)
        return action(Store(connection))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _alone(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock file at ``path``. Raises ``_Held`` where others hold it for too long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        limit = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > limit:
                    raise _Held(f"another seatrial has had it for {patience:g} s") from None
                time.sleep(_PAUSE)
        yield
    finally:
        os.close(fd)


def _move_aside(path: Path) -> Path:
    """Return where the database is now. Of many spoilt ones the first few and the last are kept."""
    names = [path.with_name(f"{path.name}.corrupt-{number}") for number in range(1, _ASIDE + 1)]
    aside = next((name for name in names if not name.exists()), names[-1])
    path.replace(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside


def _columns(test: TestResult) -> tuple[object, ...]:
    phases = dict(test.phases)
    times = (phases.get(name) for name in ("set-up", "call", "teardown"))
    return (test.outcome, test.seconds, *times, test.attempts, test.file, test.line)


def _storable(*values: object) -> tuple[object, ...]:
    """Return ``values`` without the half characters that names may hold and SQLite does not."""
    return tuple(
        value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for value in values
    )


def _past(row: tuple[Any, ...]) -> PastRun:
    try:
        run, started, seconds, verdict, code, version, branch, commit, runtime = row[:9]
        stages, suites, inputs, *numbers, flaky = row[9:]
        return PastRun(
            *(str(run), float(started), float(seconds), str(verdict)),
            *(None if code is None else int(code), str(version), str(branch), str(commit)),
            *(str(runtime), tuple(str(stages).split()), int(suites), str(inputs)),
            int(flaky),
            Counts(*map(int, numbers)),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise sqlite3.DatabaseError("a row of runs holds what is none") from error


def _past_suite(row: tuple[Any, ...]) -> PastSuite:
    try:
        suite, run, started, verdict, seconds, tests, bad = row
        return PastSuite(
            *(str(suite), str(run), float(started), str(verdict), float(seconds)),
            *(int(tests), int(bad)),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise sqlite3.DatabaseError("a row of suites holds what is none") from error
