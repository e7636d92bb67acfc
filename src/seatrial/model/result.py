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
    FLAKY = "flaky-tests-count-as-failed"


@dataclass(frozen=True, slots=True)
class FixtureTime:
    """How long one set-up of a fixture took, without those of the fixtures that it asks for.

    ``file`` is relative to the suite's folder; ``line`` is that of its first decorator. One with
    parameters has the number of the parameter in brackets behind its ``name``.
    """

    name: str
    scope: str
    file: str
    line: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CollectedLine:
    """A line of the user's in which a runner stood while it found out its tests.

    The line imports the ``module`` of somebody else, or it works at the top level of ``module``,
    which ``importer`` imports. Files are relative to the suite's folder. ``seconds`` are sampled.
    """

    imports: bool
    file: str
    line: int
    seconds: float
    module: str = ""
    importer: str = ""
    importer_line: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try of a test that failed, after which it was tried again; fields as in ``TestResult``."""

    outcome: Outcome
    seconds: float = 0.0
    message: str = ""
    text: str = ""
    file: str = ""
    line: int = 0
    started: float = 0.0


@dataclass(frozen=True, slots=True)
class TestResult:
    """One finished test.

    ``id`` is what the runner calls it (a pytest node id, ``file > suite > test`` in vitest),
    ``seconds`` covers set-up, call and teardown. ``message`` is the assertion in a line or a few,
    ``text`` the runner's own trimmed traceback. ``started`` is seconds since the epoch, 0 unknown.
    ``file`` is absolute or relative to the suite's folder. ``again`` is the shell command that runs
    just this test, where it failed. ``fixtures`` are the set-ups that it paid for, those of 10 ms
    or longer, where the runner tells. ``attempts`` is how often it ran, this result being that of
    the last time; ``earlier`` holds the failures before, the first one first, where they are known.
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
    fixtures: tuple[FixtureTime, ...] = ()
    earlier: tuple[Attempt, ...] = ()

    @property
    def is_flaky(self) -> bool:
        """Return whether it passed, and had failed before that in the same run."""
        return self.outcome is Outcome.PASSED and self.attempts > 1


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
    ``spreads`` says that it could have had some (pytest-xdist is there). ``flaky`` are tests that
    failed, were tried again and passed; they count as passed.
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
    flaky: tuple[TestResult, ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended; ``seconds`` is its wall time."""

    verdict: Verdict
    exit_code: int
    seconds: float
    suites: tuple[SuiteResult, ...]
    problems: tuple[Problem, ...] = ()
