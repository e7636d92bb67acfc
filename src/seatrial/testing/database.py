"""Databases for tests: clones of one migrated template, some of them made ahead."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psycopg

from seatrial.testing.server import Server, with_name

# What waits to be dropped before that goes first; a small database takes about 8 MB.
_MANY_TO_DROP = 8


@dataclass(frozen=True, slots=True)
class Database:
    """A database that one test or one worker has for itself; ``url`` names user and password."""

    name: str
    url: str


class Databases:
    """All databases of one worker; a context manager that drops them at its end.

    The first worker of ``run`` makes the template: it creates an empty database, calls ``migrate``
    with its URL, and closes it to connections. A thread clones it ``ahead`` times, so that
    :meth:`take` mostly finds one ready, and drops what is given back. ``wanted`` is how many will
    be taken; no more are made ahead.
    """

    def __init__(
        self,
        url: str,
        migrate: Callable[[str], object],
        *,
        run: str,
        worker: str = "main",
        ahead: int = 4,
        wanted: int | None = None,
    ) -> None:
        """Keep what is needed. ``run`` is twelve hexadecimal digits, the same for all workers."""
        self._url = url
        self._migrate = migrate
        self._run = run
        self._worker = worker
        self._ahead = ahead
        self._wanted = wanted
        self._made = self._taken = 0
        self._waiting = 0
        self._ready: deque[Database] = deque()
        self._drops: deque[str] = deque()
        self._error: BaseException | None = None
        self._closed = False
        self._turn = threading.Condition()

    def __enter__(self) -> Self:
        """Have the template made where it is not there, and begin to clone it.

        Raises ``psycopg.Error`` where the server refuses, and what ``migrate`` raises.
        """
        self._server = Server(self._url, self._run)
        try:
            self._template = self._find_or_make_template()
        except BaseException:
            self._leave()
            raise
        self._thread = threading.Thread(target=self._work, name="seatrial-databases", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Drop all databases of this worker; the last worker drops the template too."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
        self._thread.join()
        self._leave()

    def take(self) -> Database:
        """Return a database that nobody else has. Raises what the making of it raised."""
        with self._turn:
            if self._wanted is not None and self._taken >= self._wanted:
                # More are wanted than was known, so it is not known how many.
                self._wanted = None
            self._taken += 1
            self._waiting += 1
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._ready or self._error or self._closed)
            self._waiting -= 1
            if self._ready:
                taken = self._ready.popleft()
                self._turn.notify_all()
                return taken
            raise self._error or RuntimeError("the databases of this worker are closed")

    def give_back(self, database: Database) -> None:
        """Have a database dropped, in a while."""
        with self._turn:
            self._drops.append(database.name)
            self._turn.notify_all()

    def _find_or_make_template(self) -> str:
        with self._server.alone():
            found = self._server.template()
            if found is not None:
                return found
            self._server.drop_leftovers()
            name = self._server.new_name("template")
            self._server.create(name)
            try:
                self._migrate(with_name(self._url, name))
                self._server.seal(name)
            except BaseException:
                # The next worker tries too, perhaps in the same second.
                with contextlib.suppress(psycopg.Error):
                    self._server.drop(name)
                raise
            return name

    def _leave(self) -> None:
        try:
            self._server.leave(self._worker)
        finally:
            self._server.close()

    def _work(self) -> None:
        """Clone and drop until it is over; an error is told to whoever takes next."""
        try:
            with contextlib.closing(Server(self._url, self._run, present=False)) as server:
                while self._one_turn(server):
                    pass
        except BaseException as error:
            with self._turn:
                self._error = error
                self._turn.notify_all()

    def _one_turn(self, server: Server) -> bool:
        """Do what is most wanted; return whether to go on."""
        with self._turn:
            self._turn.wait_for(lambda: self._closed or self._drops or self._lacks_one())
            if self._closed:
                return False
            drop = self._drops.popleft() if self._should_drop() else None
        try:
            if drop is not None:
                server.drop(drop)
            else:
                self._make_one(server)
        except psycopg.OperationalError:
            # What was under way when the server went is made anew, or dropped at the end.
            if not server.regained():
                raise
        return True

    def _make_one(self, server: Server) -> None:
        self._made += 1
        name = server.new_name(f"{self._worker}_{self._made}")
        server.create(name, self._template)
        with self._turn:
            self._ready.append(Database(name, with_name(self._url, name)))
            self._turn.notify_all()

    def _should_drop(self) -> bool:
        if not self._drops or (self._waiting and not self._ready):
            return False
        return len(self._drops) >= _MANY_TO_DROP or not self._lacks_one()

    def _lacks_one(self) -> bool:
        if self._waiting and not self._ready:
            return True
        expected = self._wanted is None or self._made < self._wanted
        return expected and len(self._ready) < self._ahead
