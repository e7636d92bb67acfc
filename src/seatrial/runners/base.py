"""The seam between the pipeline and a test runner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from seatrial.model.project import Suite
from seatrial.model.result import CollectedLine, Counts, Doubt, TestResult, Verdict


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """What a user asks of every runner: ``-k``, ``-x``, ``-v`` and what follows ``--``.

    ``color`` says that the runner's own output goes to a terminal that shows colours, ``coverage``
    that the lines that run are to be written down in ``RunPlace.scratch``. ``only`` are tests that
    failed before and shall run again, without the others as far as the runner can be told so; one
    that is gone by now is no error. ``keep_going`` says that a failure must not stop the others,
    whatever the project's own settings say.
    """

    keyword: str | None = None
    first_failure: bool = False
    verbose: bool = False
    arguments: tuple[str, ...] = ()
    color: bool = False
    coverage: bool = False
    only: tuple[TestResult, ...] = ()
    keep_going: bool = False


@dataclass(frozen=True, slots=True)
class RunPlace:
    """What one run of a suite has to itself.

    ``report`` is a FIFO that the reporter inside the runner writes lines to (a chain of commands
    opens it several times: whoever reads keeps a writing end open); ``scratch`` a private folder
    for coverage data, caches and temporary files; ``env`` what the command sees before the
    invocation's own ``env`` is laid over it: at least what the toolchain sets (PATH, VIRTUAL_ENV),
    and PYTHONPATH and PYTEST_ADDOPTS where the user has them, since those are added to; ``tables``
    the variables that each of the suite's workers sees instead of the environment's own.
    """

    report: Path
    scratch: Path
    env: Mapping[str, str | None] = field(default_factory=dict)
    tables: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command to start: ``env`` is laid over the toolchain's; ``display`` is for people.

    ``files`` are to be written before it starts, for nobody else to read.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str | None] = field(default_factory=dict)
    display: str = ""
    files: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collected:
    """The runner will run ``total`` tests; said again when the number grows.

    ``lines`` are those of the user's in which it stood longest until it knew.
    """

    total: int
    lines: tuple[CollectedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """A test began."""

    test: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A test ended. An id that comes once more counts: it ended worse, or was tried again."""

    result: TestResult


Fact: TypeAlias = Collected | Started | Finished


@dataclass(frozen=True, slots=True)
class Ending:
    """What a reader concludes once the runner has ended. The verdict errs on the side of fail.

    ``workers``, ``spreads`` and ``flaky`` are those of ``SuiteResult``. ``complete`` says that all
    tests that were found have ended.
    """

    verdict: Verdict
    counts: Counts
    failures: tuple[TestResult, ...] = ()
    doubt: Doubt = Doubt.NONE
    tail: tuple[str, ...] = ()
    workers: int = 0
    spreads: bool = False
    flaky: tuple[TestResult, ...] = ()
    complete: bool = True


class Reader(Protocol):
    """Understands one run of one suite, a line at a time; pure, no I/O."""

    def report_line(self, line: str) -> Iterable[Fact]:
        """Take a line that the reporter inside the runner wrote."""

    def output_line(self, line: str) -> Iterable[Fact]:
        """Take a line of the runner's own output (no line end, may hold colour codes)."""

    def finish(self, exit_code: int) -> Ending:
        """Return the verdict; a negative code is the signal that ended the runner."""


class Runner(Protocol):
    """Knows how to start one kind of test runner and how to understand it."""

    @property
    def name(self) -> str:
        """Return the word that ``runner =`` takes in ``seatrial.toml``."""

    def invocation(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> Invocation:
        """Return the command that runs ``suite``. Raises ``UsageError``, ``RuntimeMissing``."""

    def reader(self, suite: Suite) -> Reader:
        """Return a fresh reader for one run."""

    def alone(self, suite: Suite, test: TestResult) -> tuple[str, ...]:
        """Return the words that, after ``--``, make ``seatrial test`` run just ``test``."""
