"""What there is to say about the times of a run. All times are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seatrial.model.project import Stage


class CauseKind(StrEnum):
    """Why a test is likely to be slow."""

    SLEEP = "sleep"
    TIMEOUT = "timeout"
    FIXTURE = "fixture"


@dataclass(frozen=True, slots=True)
class Cause:
    """One likely cause, at a place of the source as it stands now.

    ``file`` is relative to the root. ``seconds`` is how long the sleep or the timeout is, or the
    set-up of the test whose fixture it is. ``saved`` is what a mend saves at most, where that is
    certain. ``name`` is the fixture's and ``tests`` how many tests of the file ask for it.
    """

    kind: CauseKind
    file: str
    line: int
    seconds: float
    saved: float | None = None
    name: str = ""
    tests: int = 0


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
    """A test that took longer than it does; ``median`` and ``mad`` are of ``runs`` earlier runs."""

    suite: str
    stage: Stage
    test: str
    seconds: float
    median: float
    mad: float
    runs: int


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """All work of one phase, ``number`` pieces of it; pieces overlap in a run."""

    phase: str
    seconds: float
    number: int


@dataclass(frozen=True, slots=True)
class Collection:
    """A suite whose runner needed ``seconds`` until it knew its tests, with what is to blame."""

    suite: str
    seconds: float
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Insight:
    """Where the time of one run went; ``seconds`` is its wall time. The longest come first."""

    run: str
    seconds: float
    tests: int
    phases: tuple[PhaseTime, ...]
    slow: tuple[SlowTest, ...]
    outliers: tuple[Outlier, ...]
    collections: tuple[Collection, ...]
