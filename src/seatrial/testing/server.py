"""What is asked of the PostgreSQL server: to clone databases, to drop them, and who is there.

A database of ours is named ``seatrial_<made at>_<run>_<what>``: its age (Unix time, by the server's
clock) and its run can be read from the name. While a worker of a run lives, a connection of it has
the application name ``seatrial_<run>``, which every session of the server can see.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, LiteralString
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

# What a killed run left is dropped when it is that old and nobody of its run is there.
LEFTOVER_SECONDS = 600
_PATIENCE_SECONDS = 10
_FILE_COPY_IS_A_CHOICE = 150000
_FORCE_IS_KNOWN = 130000
_OURS = "^seatrial_[0-9]+_[0-9a-f]{12}_"


class Server:
    """One connection to the server, and the questions it is asked."""

    def __init__(self, url: str, run: str, present: bool = True) -> None:
        """Connect, and be seen as part of ``run`` where ``present``. Raises ``psycopg.Error``."""
        self._run = run
        self._connection = psycopg.connect(
            plain(url),
            autocommit=True,
            connect_timeout=_PATIENCE_SECONDS,
            application_name=f"seatrial_{run}" if present else "seatrial",
        )
        self._version = self._connection.info.server_version

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the other workers of the run waiting meanwhile."""
        self._rows("SELECT pg_advisory_lock(hashtextextended(%s, 0))", self._run)
        try:
            yield
        finally:
            self._rows("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", self._run)

    def new_name(self, what: str) -> str:
        """Return a name for a database of the run, with the time of now."""
        ((now,),) = self._rows("SELECT extract(epoch FROM now())::bigint")
        return f"seatrial_{now}_{self._run}_{what}"

    def template(self) -> str | None:
        """Return the migrated template of the run: the one that takes no connections any more."""
        query: LiteralString = (
            "SELECT datname FROM pg_database WHERE NOT datallowconn AND datname LIKE %s"
        )
        rows = self._rows(query, rf"seatrial\_%\_{self._run}\_template")
        return str(rows[0][0]) if rows else None

    def seal(self, name: str) -> None:
        """Close a template to connections: one that stays open would forbid to clone it."""
        self._do("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        self._send_away(name)

    def create(self, name: str, template: str = "template1") -> None:
        """Clone a database, file by file where the server lets one choose."""
        how: LiteralString = "CREATE DATABASE {} TEMPLATE {}"
        if self._version >= _FILE_COPY_IS_A_CHOICE and template != "template1":
            how = "CREATE DATABASE {} TEMPLATE {} STRATEGY = FILE_COPY"
        self._do(how, name, template)

    def drop(self, name: str) -> None:
        """Drop a database that may be in use, or gone already."""
        if self._version >= _FORCE_IS_KNOWN:
            self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        else:
            self._send_away(name)
            self._do("DROP DATABASE IF EXISTS {}", name)

    def drop_leftovers(self) -> None:
        """Drop what runs left that were killed: old, and nobody of the run is there."""
        query: LiteralString = (
            "SELECT datname FROM pg_database AS ours WHERE datname ~ %s"
            " AND pg_get_userbyid(datdba) = current_user"
            " AND split_part(datname, '_', 2)::bigint < extract(epoch FROM now()) - %s"
            " AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name"
            "                 = 'seatrial_' || split_part(ours.datname, '_', 3))"
        )
        for (name,) in self._rows(query, _OURS, LEFTOVER_SECONDS):
            # Another run may be dropping the same one.
            with contextlib.suppress(psycopg.Error):
                self.drop(name)

    def leave(self, worker: str) -> None:
        """Drop what the worker made, and all of the run where no other worker is there any more."""
        with self.alone():
            self._rows("SELECT set_config('application_name', 'seatrial', false)")
            there = self._rows(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = %s",
                f"seatrial_{self._run}",
            )
            mine = rf"seatrial\_%\_{self._run}\_" + (rf"{worker}\_%" if there else "%")
            for (name,) in self._rows(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", mine
            ):
                self.drop(name)

    def _send_away(self, name: str) -> None:
        query: LiteralString = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        )
        self._rows(query, name)

    def _rows(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def _do(self, command: LiteralString, *names: str) -> None:
        identifiers = (sql.Identifier(name) for name in names)
        self._connection.execute(sql.SQL(command).format(*identifiers))


def plain(url: str) -> str:
    """Return the URL without the driver in its scheme (``postgresql+asyncpg:``)."""
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.partition("+")[0]).geturl()


def with_name(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()
