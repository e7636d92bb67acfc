"""The tables of the database, as the steps that make them. A step that was released stays as it is.

Step N takes a database from version N - 1 to N; SQLite's ``user_version`` says where one stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seatrial.errors import EnvironmentFailure

if TYPE_CHECKING:
    from sqlite3 import Connection

_TABLES = (
    """
    CREATE TABLE runs (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        started REAL NOT NULL, -- seconds since the epoch
        seconds REAL NOT NULL,
        verdict TEXT NOT NULL,
        exit_code INTEGER,
        version TEXT NOT NULL,
        branch TEXT NOT NULL,
        "commit" TEXT NOT NULL,
        runtime TEXT NOT NULL,
        stages TEXT NOT NULL, -- a blank between them
        suites INTEGER NOT NULL,
        passed INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        error INTEGER NOT NULL,
        skipped INTEGER NOT NULL,
        xfailed INTEGER NOT NULL,
        xpassed INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE suites (
        run INTEGER NOT NULL REFERENCES runs (number),
        suite TEXT NOT NULL,
        stage TEXT NOT NULL,
        environment TEXT NOT NULL,
        verdict TEXT NOT NULL,
        at REAL, -- seconds since the run began; none where it was not started
        seconds REAL NOT NULL,
        tests INTEGER NOT NULL,
        bad INTEGER NOT NULL,
        PRIMARY KEY (run, suite)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE names (
        number INTEGER PRIMARY KEY,
        suite TEXT NOT NULL,
        test TEXT NOT NULL,
        UNIQUE (suite, test)
    )
    """,
    """
    CREATE TABLE tests (
        run INTEGER NOT NULL REFERENCES runs (number),
        name INTEGER NOT NULL REFERENCES names (number),
        outcome TEXT NOT NULL,
        seconds REAL NOT NULL,
        setup REAL, -- these three where the runner tells them
        call REAL,
        teardown REAL,
        attempts INTEGER NOT NULL,
        file TEXT NOT NULL,
        line INTEGER NOT NULL,
        PRIMARY KEY (run, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE phases (
        run INTEGER NOT NULL REFERENCES runs (number),
        phase TEXT NOT NULL,
        subject TEXT NOT NULL,
        environment TEXT NOT NULL,
        at REAL NOT NULL, -- of its end, in seconds since the run began
        seconds REAL NOT NULL,
        ok INTEGER NOT NULL
    )
    """,
    "CREATE INDEX phases_of_a_run ON phases (run)",
)
# What "the same inputs" are, what narrowed a suite to some of its tests, and why its verdict is not
# simply what its runner said.
_INPUTS = (
    "ALTER TABLE runs ADD COLUMN inputs TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE suites ADD COLUMN selection TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE suites ADD COLUMN doubt TEXT NOT NULL DEFAULT ''",
)
# How many workers a runner was asked for, how many it had, and whether it could have had some.
_WORKERS = (
    "ALTER TABLE suites ADD COLUMN asked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE suites ADD COLUMN workers INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE suites ADD COLUMN spreads INTEGER NOT NULL DEFAULT 0",
)
MIGRATIONS: tuple[tuple[str, ...], ...] = (_TABLES, _INPUTS, _WORKERS)


class NewerHistory(EnvironmentFailure):
    """A newer seatrial has written the database; ``version`` is that of its tables."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"a newer seatrial has written the history (version {version}); it was left alone",
            mend="use that seatrial; a single run can be shown by its id all the same",
        )
        self.version = version


def migrate(connection: Connection, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS) -> None:
    """Bring the database to the newest version, in one transaction.

    Raises ``NewerHistory`` for one that is ahead of us, ``sqlite3.Error``.
    """
    if _version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked once more: another process may have been faster.
        version = _version(connection)
        if version > len(migrations):
            raise NewerHistory(version)
        for step in migrations[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
