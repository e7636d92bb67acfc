"""Writes down what a run says while it is shown: it stands before the display and hears the same.

Events are shown first and written in batches, ten times a second, so that recording costs the run
next to nothing and ``kill -9`` at most the last tenth of a second.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from seatrial.events import Event, Notice, Noticed, RunFinished, RunStarted
from seatrial.history.log import Log, log_of
from seatrial.history.rows import Rows

# A batch is written before its time where a suite is this eloquent.
_BATCH = 500
# Seconds at the end of a run for logs that have no rows yet; the rest is for the next one.
_CATCH_UP = 0.5


class Display(Protocol):
    """What shows the run."""

    def event(self, event: Event) -> None:
        """Take one event."""

    def tick(self, now: float) -> None:
        """Let time pass."""

    def close(self) -> None:
        """Finish; may be called twice."""


class Recorder:
    """A display that records what it hands on. What goes wrong is told once, as a notice."""

    def __init__(self, folder: Path, display: Display) -> None:
        """Record in a worktree's ``folder``; nothing is written before the first event."""
        self._folder = folder
        self._display = display
        self._log: Log | None = None
        self._rows = Rows()
        self._waiting: list[Event] = []
        self._warm = False

    def event(self, event: Event) -> None:
        """Show ``event`` and record it. The last one is recorded first: nothing comes after it."""
        if isinstance(event, RunFinished):
            self._record(event)
            self._keep(event)
            self._display.event(event)
        else:
            self._display.event(event)
            self._record(event)

    def tick(self, now: float) -> None:
        """Let time pass; write what waits."""
        self._display.tick(now)
        self._flush(now)
        if not self._warm and self._log is not None:
            # While tests run this takes nobody's time; at the end somebody would wait for it.
            self._warm = True
            import seatrial.history.upkeep  # noqa: F401

    def close(self) -> None:
        """Finish the display, and write what waits, however the run ended."""
        try:
            self._display.close()
        finally:
            self._flush(None)
            self._stop()

    def _record(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._open(event)
        if self._log is None:
            return
        self._rows.take(event)
        self._waiting.append(event)
        if len(self._waiting) >= _BATCH or isinstance(event, RunStarted | RunFinished):
            self._flush(event.at)

    def _open(self, started: RunStarted) -> None:
        try:
            self._log = Log(log_of(self._folder, started.run))
        except Exception as error:
            self._fail(started.at, error)

    def _flush(self, at: float | None) -> None:
        if self._log is None or not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        try:
            self._log.append(waiting)
        except Exception as error:
            self._stop()
            self._fail(at, error)

    def _keep(self, event: RunFinished) -> None:
        """Make the run's rows."""
        if self._log is None:
            return
        self._stop()
        try:
            moved = self._write_rows()
        except Exception as error:
            self._fail(event.at, error)
            return
        if moved is not None:
            self._say(event.at, Notice.HISTORY_SPOILT, moved.name)

    def _write_rows(self) -> Path | None:
        from seatrial.history.store import Store, use
        from seatrial.history.upkeep import catch_up, prune

        def write(store: Store) -> None:
            store.put(self._rows)
            catch_up(store, self._folder, _CATCH_UP)
            prune(store, self._folder)

        return use(self._folder, write).moved

    def _stop(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def _fail(self, at: float | None, error: Exception) -> None:
        """Say what went wrong. Whatever it is, be it our own mistake: it is no reason to fail."""
        from seatrial.history.migrations import NewerHistory

        if at is None:
            return
        if isinstance(error, NewerHistory):
            self._say(at, Notice.HISTORY_NEWER, str(error.version))
            return
        reason = getattr(error, "what", None) or getattr(error, "strerror", None) or str(error)
        self._say(at, Notice.NOT_RECORDED, reason)

    def _say(self, at: float, notice: Notice, detail: str) -> None:
        self._display.event(Noticed(at, notice, str(self._folder), detail))
