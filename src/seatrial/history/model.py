"""What is known about a recorded run."""

from __future__ import annotations

from dataclasses import dataclass, field

from seatrial.model.result import Counts

# Besides the words of ``Verdict``: the run has not ended, or was killed before it could.
RUNNING = "running"
KILLED = "killed"


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run, as a list shows it.

    ``started`` is seconds since the epoch, ``seconds`` its wall time (of a killed run up to its
    last event), ``verdict`` a word of ``Verdict``, ``running`` or ``killed``. A run without an end
    has no ``exit_code``. Equal ``inputs`` mean equal files; empty where they are not known.
    ``flaky`` is how many of the tests that passed had failed before, in the same run.
    """

    id: str
    started: float
    seconds: float
    verdict: str
    exit_code: int | None = None
    version: str = ""
    branch: str = ""
    commit: str = ""
    runtime: str = ""
    stages: tuple[str, ...] = ()
    suites: int = 0
    inputs: str = ""
    flaky: int = 0
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class PastSuite:
    """A suite in one recorded run; ``started`` is when that run began, in seconds since the epoch.

    ``seconds`` is the suite's wall time, ``bad`` how many of its ``tests`` failed.
    """

    suite: str
    run: str
    started: float
    verdict: str
    seconds: float
    tests: int
    bad: int


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One run of all tests of a suite; ``seconds`` is its wall time.

    ``asked`` is how many workers we asked its runner for, ``workers`` how many it had; ``spreads``
    says that it could have had some. ``inputs`` are those of :class:`PastRun`.
    """

    asked: int
    workers: int
    spreads: bool
    passed: bool
    seconds: float
    tests: int
    inputs: str = ""
