"""Outcomes of tests, suites and runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from seatrial.errors import SeatrialError


class Outcome(StrEnum):
    """How one test ended. ``ERROR`` is a failure outside the test's own body (set-up, teardown)."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"


class Verdict(StrEnum):
    """How a suite, a stage or a run ended."""

    PASSED = "passed"
    FAILED = "failed"
    NO_TESTS = "no-tests"
    DEADLINE = "deadline"
    NO_ENVIRONMENT = "no-environment"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    NOT_RUN = "not-run"


class Doubt(StrEnum):
    """Why a verdict is not simply what the runner's report or exit code said."""

    NONE = ""
    EXIT_NONZERO = "exit-nonzero-but-no-failure-reported"
    EXIT_ZERO = "exit-zero-but-failures-reported"
    REPORT_CUT = "report-ended-early"
    NO_REPORT = "no-report"
    WORKER_CRASHED = "worker-crashed"
    COLLECTION = "collection-error"
    USAGE = "runner-usage-error"


@dataclass(frozen=True, slots=True)
class TestResult:
    """One finished test.

    ``id`` is what the runner calls it (a pytest node id, ``file > suite > test`` in vitest),
    ``seconds`` covers set-up, call and teardown. ``message`` is the assertion in a line or a few,
    ``text`` the runner's own trimmed traceback. ``started`` is seconds since the epoch, 0 unknown.
    ``file`` is absolute or relative to the suite's folder. ``again`` is the shell command that runs
    just this test, where it failed.
    """

    __test__ = False

    id: str
    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    text: str = ""
    file: str = ""
    line: int = 0
    started: float = 0.0
    phases: tuple[tuple[str, float], ...] = ()
    attempts: int = 1
    again: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of tests by outcome; ``failed`` and ``error`` are kept apart, as pytest does."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    xfailed: int = 0
    xpassed: int = 0

    @property
    def total(self) -> int:
        """Return the number of finished tests."""
        return self.passed + self.failed + self.error + self.skipped + self.xfailed + self.xpassed

    @property
    def bad(self) -> int:
        """Return the number of tests that make a suite fail."""
        return self.failed + self.error

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.passed + other.passed,
            self.failed + other.failed,
            self.error + other.error,
            self.skipped + other.skipped,
            self.xfailed + other.xfailed,
            self.xpassed + other.xpassed,
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as data, so that it can travel in an event: what, where, what to do, evidence."""

    what: str
    where: str = ""
    mend: str = ""
    detail: tuple[str, ...] = ()
    exit_code: int = 2

    @staticmethod
    def of(error: SeatrialError) -> Problem:
        """Return ``error`` as data."""
        where = str(error.where) if error.where else ""
        return Problem(error.what, where, error.mend, error.detail, error.exit_code)


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """How one suite ended. ``again`` is the shell command that runs its first failure alone.

    ``workers`` is how many processes of the runner had its tests, 0 where it was the runner itself;
    ``spreads`` says that it could have had some (pytest-xdist is there).
    """

    suite: str
    verdict: Verdict
    seconds: float = 0.0
    counts: Counts = field(default_factory=Counts)
    failures: tuple[TestResult, ...] = ()
    doubt: Doubt = Doubt.NONE
    exit_code: int | None = None
    problem: Problem | None = None
    tail: tuple[str, ...] = ()
    again: str = ""
    workers: int = 0
    spreads: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended; ``seconds`` is its wall time."""

    verdict: Verdict
    exit_code: int
    seconds: float
    suites: tuple[SuiteResult, ...]
    problems: tuple[Problem, ...] = ()
