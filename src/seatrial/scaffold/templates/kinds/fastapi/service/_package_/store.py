"""Where notes are kept: the interface, and PostgreSQL behind it."""

from __future__ import annotations

from typing import Protocol

from psycopg.rows import class_row
from psycopg_pool import ConnectionPool

from @{package}.models import NewNote, Note


class NoteNotFoundError(LookupError):
    """There is no note with this number."""


class Store(Protocol):
    """What the service needs; unit tests have one in memory."""

    def ping(self) -> None:
        """Raise `psycopg.OperationalError` where the store does not answer."""

    def add(self, new: NewNote) -> Note:
        """Keep a note and return it with its number."""

    def newest(self, limit: int) -> list[Note]:
        """Return the notes that were added last, the newest first."""

    def get(self, number: int) -> Note:
        """Return a note. Raises `NoteNotFoundError`."""

    def remove(self, number: int) -> None:
        """Remove a note. Raises `NoteNotFoundError`."""


class PostgresStore:
    """Notes in the table that the migrations make."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    def ping(self) -> None:
        with self._pool.connection(timeout=1) as connection:
            connection.execute("SELECT 1")

    def add(self, new: NewNote) -> Note:
        query = "INSERT INTO notes (title, text) VALUES (%s, %s) RETURNING *"
        return self._notes(query, new.title, new.text)[0]

    def newest(self, limit: int) -> list[Note]:
        return self._notes("SELECT * FROM notes ORDER BY id DESC LIMIT %s", limit)

    def get(self, number: int) -> Note:
        return one(self._notes("SELECT * FROM notes WHERE id = %s", number), number)

    def remove(self, number: int) -> None:
        one(self._notes("DELETE FROM notes WHERE id = %s RETURNING *", number), number)

    def _notes(self, query: str, *values: object) -> list[Note]:
        with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=class_row(Note))
            return cursor.execute(query.encode(), values).fetchall()


def one(found: list[Note], number: int) -> Note:
    """Return the only note that was found. Raises `NoteNotFoundError`."""
    if not found:
        raise NoteNotFoundError(f"there is no note {number}")
    return found[0]
