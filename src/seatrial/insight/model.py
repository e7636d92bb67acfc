"""What there is to say about the times of a run. All times are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seatrial.model.project import Stage

# The scope of a hook of vitest or jest that runs for each test.
EACH = "each"


class CauseKind(StrEnum):
    """Why a test or a suite is likely to be slow."""

    SLEEP = "sleep"
    TIMEOUT = "timeout"
    FIXTURE = "fixture"
    COLLECTION = "collection"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Cause:
    """One likely cause, at a place of the source as it stands now.

    ``file`` is relative to the root. ``seconds`` is how long the sleep or the timeout is, what the
    line took of the collection, or the fixture's own set-up for this test; of a suite, all its
    set-ups. ``saved`` is what a mend saves at most: of a fixture in all tests of the suite, else
    where the cause is. ``name`` is that of the fixture or of the imported module, ``scope`` the
    fixture's, and ``tests`` how many set-ups it had. ``works`` is the file and line that an import
    of the user's own spends its time in.
    """

    kind: CauseKind
    file: str
    line: int
    seconds: float
    saved: float
    name: str = ""
    scope: str = ""
    tests: int = 0
    works: str = ""


@dataclass(frozen=True, slots=True)
class SlowTest:
    """A test that took ``limit`` or longer; ``phases`` are its own, where the runner tells them.

    ``read`` says whether its source was found and read; without it there are no ``causes``.
    """

    suite: str
    stage: Stage
    test: str
    seconds: float
    limit: float
    phases: tuple[tuple[str, float], ...] = ()
    read: bool = False
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlier:
    """A test that took longer than it does; ``median`` and ``mad`` are of ``runs`` earlier runs.

    ``phase`` is the one that grew most, where the runner tells phases.
    """

    suite: str
    stage: Stage
    test: str
    seconds: float
    median: float
    mad: float
    runs: int
    phase: str = ""
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """All work of one phase, ``number`` pieces of it; pieces overlap in a run."""

    phase: str
    seconds: float
    number: int


@dataclass(frozen=True, slots=True)
class Parallel:
    """What pytest-xdist would save a suite with so many ``workers``.

    ``files`` is how many files its tests are in, ``longest`` the seconds of the longest of them.
    """

    workers: int
    files: int
    longest: float
    saved: float


@dataclass(frozen=True, slots=True)
class SlowSuite:
    """A suite that could be quicker as a whole.

    ``seconds`` is from its start to its end, ``collection`` what its runner needed of them until it
    knew its tests.
    """

    suite: str
    stage: Stage
    seconds: float
    collection: float
    causes: tuple[Cause, ...] = ()
    parallel: Parallel | None = None


@dataclass(frozen=True, slots=True)
class Insight:
    """Where the time of one run went; ``seconds`` is its wall time. The longest come first."""

    run: str
    seconds: float
    tests: int
    phases: tuple[PhaseTime, ...]
    suites: tuple[SlowSuite, ...]
    slow: tuple[SlowTest, ...]
    outliers: tuple[Outlier, ...]
