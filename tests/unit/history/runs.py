"""Made-up runs for the tests of the history."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seatrial import events
from seatrial.events import Event, Phase, PlannedSuite
from seatrial.history.recorder import Recorder
from seatrial.model.project import Stage
from seatrial.model.result import Counts, Outcome, RunResult, SuiteResult, TestResult, Verdict

SUITE = "unit:a"


def a_run(run: str, tests: int = 2, *, ends: bool = True) -> list[Event]:
    """A run of one suite with ``tests`` tests, the last of which fails."""
    plan = PlannedSuite(SUITE, Stage.UNIT, "a", "pytest")
    started = events.RunStarted(
        0.0, run, "shop", "/repo", "0.1.0", 1.7e9, 2, (plan,), "main", "a" * 40
    )
    results = [
        TestResult(
            f"tests/test_a.py::test_{number}",
            Outcome.FAILED if number == tests - 1 else Outcome.PASSED,
            0.25,
            file="tests/test_a.py",
            line=number,
            phases=(("set-up", 0.1), ("call", 0.15)),
        )
        for number in range(tests)
    ]
    suite = SuiteResult(SUITE, Verdict.FAILED, 1.0, Counts(passed=tests - 1, failed=1))
    last = events.RunFinished(1.5, RunResult(Verdict.FAILED, 1, 1.5, (suite,)))
    return [
        started,
        events.PhaseStarted(0.0, Phase.SYNC, "services/a"),
        events.PhaseFinished(0.2, Phase.SYNC, "services/a", 0.2),
        events.SuiteStarted(0.2, SUITE, "pytest"),
        *(events.TestFinished(0.3, SUITE, result) for result in results),
        events.SuiteFinished(1.2, suite),
        *([last] if ends else []),
    ]


class Heard:
    """A display that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.closed = 0

    @property
    def notices(self) -> list[events.Noticed]:
        return [event for event in self.events if isinstance(event, events.Noticed)]

    def event(self, event: Event) -> None:
        self.events.append(event)

    def tick(self, now: float) -> None:
        pass

    def close(self) -> None:
        self.closed += 1


def record(folder: Path, told: Iterable[Event]) -> Heard:
    """Let a recorder hear ``told``; return what its display heard."""
    heard = Heard()
    recorder = Recorder(folder, heard)
    for event in told:
        recorder.event(event)
    recorder.close()
    return heard
