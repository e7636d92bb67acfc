"""What the display knows, and how an event changes it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePath

from seatrial import events
from seatrial.events import Event, Phase
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, SuiteResult


class Step(StrEnum):
    """How far a suite is."""

    WAITING = "waiting"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """A suite on the board.

    ``tests`` are the ones under way, the oldest first; ``last`` began last and may have ended, so
    that a display has something steady to show between two tests. From the second ``attempt`` on,
    ``again`` is how many of its tests run in it, 0 where all do.
    """

    id: str
    stage: Stage
    name: str
    environment: str = ""
    folder: str = ""
    step: Step = Step.WAITING
    since: float = 0.0
    total: int = 0
    done: int = 0
    tests: tuple[str, ...] = ()
    last: str = ""
    bad: frozenset[str] = frozenset()
    attempt: int = 1
    again: int = 0
    result: SuiteResult | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """An environment: the work under way on it, the services that it still waits for."""

    key: str
    work: tuple[tuple[Phase, str], ...] = ()
    since: float = 0.0
    services: tuple[str, ...] = ()
    ready: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The whole display as data."""

    suites: Mapping[str, SuiteRow] = field(default_factory=dict)
    environments: Mapping[str, EnvironmentRow] = field(default_factory=dict)
    syncing: Mapping[str, float] = field(default_factory=dict)
    interrupted: bool = False
    finished: bool = False

    @property
    def moves(self) -> bool:
        """Return whether the picture changes by time alone."""
        if self.finished:
            return False
        running = any(row.step is Step.RUNNING for row in self.suites.values())
        return running or bool(self.syncing) or any(e.work for e in self.environments.values())


def reduce(board: Board, event: Event) -> Board:
    """Return the board after ``event``; the same object where nothing on it changed."""
    match event:
        case events.RunStarted(suites=planned):
            rows = {p.id: SuiteRow(p.id, p.stage, p.name, p.environment, p.folder) for p in planned}
            return replace(board, suites=rows)
        case events.RunInterrupted():
            return replace(board, interrupted=True)
        case events.RunFinished(result=result):
            for suite in result.suites:
                board = _end(board, suite)
            return replace(board, finished=True, syncing={})
        case events.SuiteFinished(result=suite_result):
            return _end(board, suite_result)
        case events.PhaseStarted() | events.PhaseFinished():
            return _phase(board, event)
        case events.ServiceReady() | events.EnvironmentReady():
            return _readiness(board, event)
        case events.EnvironmentFailed(environment=key) | events.EnvironmentRemoved(environment=key):
            failed = isinstance(event, events.EnvironmentFailed)
            return _environment(board, EnvironmentRow(key, failed=failed))
        case _:
            return _progress(board, event)


def _progress(board: Board, event: Event) -> Board:
    """Take what a running suite says about itself."""
    match event:
        case events.SuiteStarted(at=at, suite=suite):
            return _row(board, suite, step=Step.RUNNING, since=at)
        case events.SuiteRetried(suite=suite, attempt=attempt, tests=ids):
            return _row(board, suite, attempt=attempt, again=len(ids))
        case events.TestsCollected(suite=suite, total=total):
            return _row(board, suite, total=total)
        case events.TestStarted(suite=suite, test=test) if suite in board.suites:
            return _row(board, suite, tests=(*board.suites[suite].tests, test), last=test)
        case events.TestFinished(suite=suite, result=test_result) if suite in board.suites:
            row = board.suites[suite]
            # A test that failed and comes again is a rerun, and was counted already.
            again = test_result.id in row.bad
            is_bad = test_result.outcome in (Outcome.FAILED, Outcome.ERROR)
            bad = row.bad | {test_result.id} if is_bad else row.bad - {test_result.id}
            tests = tuple(t for t in row.tests if t != test_result.id)
            return _row(board, suite, done=row.done + (not again), tests=tests, bad=bad)
        case _:
            return board


def _row(board: Board, suite: str, **changes: object) -> Board:
    row = board.suites.get(suite)
    if row is None or row.step is Step.ENDED:
        return board
    changed = replace(row, **changes)  # type: ignore[arg-type]  # the callers name its fields
    return replace(board, suites={**board.suites, suite: changed})


def _end(board: Board, result: SuiteResult) -> Board:
    return _row(board, result.suite, step=Step.ENDED, tests=(), result=result)


def _phase(board: Board, event: events.PhaseStarted | events.PhaseFinished) -> Board:
    key = event.environment
    started = isinstance(event, events.PhaseStarted)
    if not key:
        if event.phase is not Phase.SYNC:
            return board
        others = {s: at for s, at in board.syncing.items() if s != event.subject}
        syncing = {**others, event.subject: event.at} if started else others
        return replace(board, syncing=syncing)
    row = board.environments.get(key, EnvironmentRow(key))
    job = (event.phase, event.subject)
    work = tuple(w for w in row.work if w != job)
    if isinstance(event, events.PhaseStarted):
        since = row.since if row.work else event.at
        row = replace(row, since=since, services=event.services or row.services)
        work = (*work, job)
    return _environment(board, replace(row, work=work))


def _readiness(board: Board, event: events.ServiceReady | events.EnvironmentReady) -> Board:
    row = board.environments.get(event.environment, EnvironmentRow(event.environment))
    if isinstance(event, events.ServiceReady):
        left = tuple(s for s in row.services if s != event.service)
        return _environment(board, replace(row, services=left))
    return _environment(board, replace(row, ready=True, work=(), services=()))


def _environment(board: Board, row: EnvironmentRow) -> Board:
    return replace(board, environments={**board.environments, row.key: row})


def syncing_since(board: Board, row: SuiteRow) -> float | None:
    """Return since when the suite's own folder is being synced, if it is."""
    for subject, at in board.syncing.items():
        # Without a known folder, a service's folder is called as the service is.
        wanted = PurePath(row.folder or row.name).parts
        if wanted and PurePath(subject).parts[-len(wanted) :] == wanted:
            return at
    return None
