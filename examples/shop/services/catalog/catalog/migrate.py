"""Brings the database's schema up to date: `python -m catalog.migrate`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import psycopg

from catalog.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_226_001  # any number that nothing else in this database locks


def pending(available: Iterable[Path], applied: Collection[str]) -> list[Path]:
    """The migrations still to run, in the order of their numbers."""
    by_number: dict[str, Path] = {}
    for path in sorted(available, key=lambda path: path.name):
        number = path.name.partition("_")[0]
        if number in by_number:
            raise SystemExit(f"catalog: two migrations are numbered {number}")
        by_number[number] = path
    return [path for path in by_number.values() if path.name not in applied]


def migrate(database_url: str, folder: Path = MIGRATIONS) -> list[str]:
    """Runs what is pending, all or nothing, and returns the names of what ran."""
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {name for (name,) in connection.execute("SELECT name FROM schema_migrations")}
        todo = pending(folder.glob("*.sql"), applied)
        for path in todo:
            connection.execute(path.read_bytes())
            connection.execute("INSERT INTO schema_migrations (name) VALUES (%s)", (path.name,))
    return [path.name for path in todo]


def main() -> None:
    ran = migrate(Settings.from_env().database_url)
    print(f"catalog: {len(ran)} migrations ran: {', '.join(ran)}" if ran else "catalog: up to date")


if __name__ == "__main__":
    main()
