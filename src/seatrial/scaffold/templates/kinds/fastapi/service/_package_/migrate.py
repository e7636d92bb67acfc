"""Brings the database's tables up to date.

    python -m @{package}.migrate

Migrations are the files of `migrations/`, run in the order of their numbers, each once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import psycopg

from @{package} import settings

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 4_711_001  # any number that nothing else locks in this database


def pending(available: Iterable[Path], applied: Collection[str]) -> list[Path]:
    """Return what is still to run, in order. Two files of one number are a mistake."""
    by_number: dict[str, Path] = {}
    for path in sorted(available, key=lambda path: path.name):
        number = path.name.partition("_")[0]
        if number in by_number:
            raise SystemExit(f"two migrations have the number {number}")
        by_number[number] = path
    return [path for path in by_number.values() if path.name not in applied]


def migrate(conninfo: str, folder: Path = MIGRATIONS) -> list[str]:
    """Run what is pending, all of it or nothing, and return the names of what ran."""
    with psycopg.connect(conninfo) as connection:
        # Two at once would both find the same work: the second waits, and then finds none.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {name for (name,) in connection.execute("SELECT name FROM migrations")}
        todo = pending(folder.glob("*.sql"), applied)
        for path in todo:
            connection.execute(path.read_bytes())
            connection.execute("INSERT INTO migrations (name) VALUES (%s)", (path.name,))
    return [path.name for path in todo]


if __name__ == "__main__":
    print("migrations run:", ", ".join(migrate(settings.database())) or "none was pending")
