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

from seatrial.testing.waiting import wait_for_sync

# What a killed run left is dropped when it is that old and nobody of its run is there.
LEFTOVER_SECONDS = 600
_PATIENCE_SECONDS = 10
_FILE_COPY_IS_A_CHOICE = 150000
_FORCE_IS_KNOWN = 130000
# It is there on every server, unless somebody has dropped it or keeps others out.
_COMMON = "postgres"
_OURS = "^seatrial_[0-9]+_[0-9a-f]{12}_"


class Server:
    """One connection to the server, and the questions it is asked."""

    def __init__(self, url: str, run: str, present: bool = True) -> None:
        """Connect, and be seen as part of ``run`` where ``present``. Raises ``psycopg.Error``."""
        self._run = run
        self._called = f"seatrial_{run}" if present else "seatrial"
        self._was_lost = False
        # A lock holds within one database, and workers may each be given one of their own.
        self._url = with_name(plain(url), _COMMON)
        try:
            self._connection = self._connect()
        except psycopg.OperationalError:
            self._url = plain(url)
            self._connection = self._connect()
        self._version = self._connection.info.server_version

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def regained(self) -> bool:
        """Return whether the connection was lost, and connect again where it was.

        A server takes a while to start. Raises ``WaitTimeout`` where it does not come back.
        """
        try:
            self._connection.execute("SELECT 1")
        except psycopg.OperationalError:
            self._was_lost = True
            self._connection = wait_for_sync(
                self._connect,
                _PATIENCE_SECONDS,
                what="PostgreSQL takes connections again",
                catching=psycopg.OperationalError,
            )
            return True
        return False

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=_PATIENCE_SECONDS,
            application_name=self._called,
        )

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
        self._called = "seatrial"
        self.regained()
        with self.alone():
            self._rows("SELECT set_config('application_name', 'seatrial', false)")
            there = self._rows(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = %s",
                f"seatrial_{self._run}",
            )
            names = self._names(rf"seatrial\_%\_{self._run}\_%")
            mine = [name for name in names if name.split("_", 3)[3].startswith(f"{worker}_")]
            others = [name for name in names if name not in mine and not _is_template(name)]
            # Others lost their connections too, and may not know yet.
            alone = not there and not (self._was_lost and others)
            for name in names if alone else mine:
                self.drop(name)

    def _names(self, pattern: str) -> list[str]:
        rows = self._rows("SELECT datname FROM pg_database WHERE datname LIKE %s", pattern)
        return [str(name) for (name,) in rows]

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
    scheme, colon, rest = url.partition(":")
    return scheme.partition("+")[0] + colon + rest


def with_name(url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    parts = urlsplit(url)
    # Not put together by urllib: it takes away the slashes of an empty host, a socket's.
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


def _is_template(name: str) -> bool:
    return name.endswith("_template")
