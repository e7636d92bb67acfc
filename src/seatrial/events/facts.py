"""The facts themselves. Text that somebody else wrote travels as it is: a traceback, a log line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from seatrial.model.coverage import Covered
from seatrial.model.environment import Endpoint
from seatrial.model.project import Stage
from seatrial.model.result import (
    CollectedLine,
    Problem,
    RunResult,
    SuiteResult,
    TestResult,
    Verdict,
)


class Phase(StrEnum):
    """What time is spent on besides the tests themselves."""

    SYNC = "sync"
    BUILD = "build"
    BOOT = "boot"
    SETUP = "setup"
    REMOVE = "remove"
    PULL = "pull"
    MIGRATE = "migrate"
    TRY = "try"
    ROLL = "roll"
    GO_BACK = "go-back"


class RuntimeReason(StrEnum):
    """Why this runtime was taken."""

    ASKED = "asked"
    ENGINE_ANSWERS = "engine-answers"
    NO_CLI = "no-docker-cli"
    NO_ENGINE = "no-engine"
    ENGINE_SILENT = "engine-did-not-answer"
    NO_COMPOSE = "no-compose"
    COMPOSE_TOO_OLD = "compose-too-old"
    NOT_NEEDED = "not-needed"


class Notice(StrEnum):
    """Things worth saying once that are no failure."""

    SUITE_LEFT_OUT = "suite-left-out"
    SERVICE_LEFT_OUT = "service-left-out"
    KEY_IGNORED = "compose-key-ignored"
    NEAREST_VERSION = "nearest-major-version"
    PORT_MOVED = "port-moved"
    NO_START_INTERVAL = "engine-without-start-interval"
    LEFTOVERS_REMOVED = "leftovers-removed"
    VARIABLE_UNSET = "variable-unset"
    NOT_ISOLATED = "not-isolated"
    DATA_ON_DISK = "data-on-disk"
    DATA_ELSEWHERE = "data-elsewhere"
    REMOVAL_FAILED = "removal-failed"
    WAITING = "waiting-for-another"
    PINNED = "image-pinned"
    NOT_RECORDED = "run-not-recorded"
    HISTORY_SPOILT = "history-moved-aside"
    HISTORY_NEWER = "history-of-a-newer-version"
    COVERAGE_LACKS = "coverage-lacks-package"
    COVERAGE_UNKNOWN = "coverage-of-runner-unknown"
    COVERAGE_FAILED = "coverage-not-measured"
    COVERAGE_NOTHING = "coverage-empty"
    COVERAGE_CONTAINERS = "coverage-without-containers"


@dataclass(frozen=True, slots=True)
class PlannedSuite:
    """A suite as the display needs to know it beforehand; ``folder`` is relative to the root.

    ``selection`` is what narrows it to some of its tests, as words of a shell; empty where all run.
    ``workers`` is how many workers its runner is asked to start, 0 where it is asked for none.
    """

    id: str
    stage: Stage
    name: str
    runner: str
    environment: str = ""
    folder: str = ""
    selection: str = ""
    workers: int = 0


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The plan is made; nothing runs yet. ``started`` is seconds since the epoch.

    ``branch`` and ``commit`` are what is checked out; empty outside of git.
    """

    at: float
    run: str
    project: str
    root: str
    version: str
    started: float
    jobs: int
    suites: tuple[PlannedSuite, ...]
    branch: str = ""
    commit: str = ""


@dataclass(frozen=True, slots=True)
class InputsKnown:
    """What the tests run on: equal ``digest``, equal files. It is never said where that is unknown.

    The digest covers the git work tree: tracked files as they lie there, and untracked ones that
    are not ignored.
    """

    at: float
    digest: str


@dataclass(frozen=True, slots=True)
class RuntimeChosen:
    """Which runtime serves the environments, and why; ``detail`` holds versions or addresses."""

    at: float
    runtime: str
    why: RuntimeReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something worth saying once about ``subject``."""

    at: float
    notice: Notice
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """Work other than tests began: ``subject`` is a folder, an image, an environment.

    A boot names the compose ``services`` that it waits for.
    """

    at: float
    phase: Phase
    subject: str
    environment: str = ""
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    """That work ended, well or not."""

    at: float
    phase: Phase
    subject: str
    seconds: float
    environment: str = ""
    ok: bool = True


@dataclass(frozen=True, slots=True)
class ServiceReady:
    """A compose service passed its health check, listens, or (a one-shot) ended well."""

    at: float
    environment: str
    service: str
    seconds: float


@dataclass(frozen=True, slots=True)
class EnvironmentReady:
    """All services of an environment are ready."""

    at: float
    environment: str
    seconds: float
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvironmentFailed:
    """An environment will not come up, or broke while its tests ran."""

    at: float
    environment: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class EnvironmentRemoved:
    """Nothing of the environment is left."""

    at: float
    environment: str
    seconds: float


@dataclass(frozen=True, slots=True)
class EnvironmentKept:
    """``--keep``: the environment stays up; its names and addresses."""

    at: float
    environment: str
    endpoints: tuple[Endpoint, ...]
    exports: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StageStarted:
    """The first suite of a stage may start."""

    at: float
    stage: Stage


@dataclass(frozen=True, slots=True)
class StageFinished:
    """All suites of a stage ended, or will not run."""

    at: float
    stage: Stage
    verdict: Verdict
    seconds: float


@dataclass(frozen=True, slots=True)
class SuiteStarted:
    """The runner of a suite was started."""

    at: float
    suite: str
    command: str


@dataclass(frozen=True, slots=True)
class SuiteRetried:
    """Tests of a suite that failed run again; ``attempt`` is 2 for the first time.

    ``tests`` are their ids; none where all of the suite runs again. Each of them that ends is told
    by one more ``TestFinished``, which counts in place of the one before.
    """

    at: float
    suite: str
    attempt: int
    tests: tuple[str, ...]
    command: str


@dataclass(frozen=True, slots=True)
class TestsCollected:
    """The runner knows how many tests it will run; ``lines`` are what took long until then."""

    __test__ = False

    at: float
    suite: str
    total: int
    lines: tuple[CollectedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class TestStarted:
    """A test began; with parallel workers several are under way."""

    __test__ = False

    at: float
    suite: str
    test: str


@dataclass(frozen=True, slots=True)
class TestFinished:
    """A test ended."""

    __test__ = False

    at: float
    suite: str
    result: TestResult


@dataclass(frozen=True, slots=True)
class SuiteOutput:
    """A line that the runner wrote to its standard output or error."""

    at: float
    suite: str
    line: str


@dataclass(frozen=True, slots=True)
class SuiteFinished:
    """A suite has its verdict."""

    at: float
    result: SuiteResult


@dataclass(frozen=True, slots=True)
class ServiceLogged:
    """A line of a service's log, shown with a failure or under ``-v``.

    With ``suite`` (and ``test``, where one is to blame) the line belongs to that failure and comes
    before the suite's ``SuiteFinished``; without, it is streamed as it was written.
    """

    at: float
    environment: str
    service: str
    line: str
    suite: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True)
class RunInterrupted:
    """A signal came; ``count`` is how many so far."""

    at: float
    signal: str
    count: int


@dataclass(frozen=True, slots=True)
class CoverageReported:
    """``--coverage``: which part of each service the tests ran; the reports are in ``folder``.

    A file is in exactly one of ``services``; those of none are under an empty name.
    """

    at: float
    folder: str
    services: tuple[Covered, ...]


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The last event of a run."""

    at: float
    result: RunResult


Event: TypeAlias = (
    RunStarted
    | InputsKnown
    | RuntimeChosen
    | Noticed
    | PhaseStarted
    | PhaseFinished
    | ServiceReady
    | EnvironmentReady
    | EnvironmentFailed
    | EnvironmentRemoved
    | EnvironmentKept
    | StageStarted
    | StageFinished
    | SuiteStarted
    | SuiteRetried
    | TestsCollected
    | TestStarted
    | TestFinished
    | SuiteOutput
    | SuiteFinished
    | ServiceLogged
    | RunInterrupted
    | CoverageReported
    | RunFinished
)
