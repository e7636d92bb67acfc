"""The times of a run, gathered from its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from seatrial import events
from seatrial.events import Event, Phase, PlannedSuite
from seatrial.history.rows import Rows
from seatrial.insight.model import PhaseTime
from seatrial.model.project import STAGES, Stage
from seatrial.model.result import CollectedLine, TestResult

COLLECT, SET_UP, CALL, TEARDOWN = "collect", "set-up", "call", "teardown"
# Of tests whose runner does not tell phases.
WHOLE = "tests"
# What suites waited for: their environment, and then their turn.
ENVIRONMENT, TURN = "wait-environment", "wait-turn"
_ORDER = (
    *(Phase.SYNC, Phase.BUILD, Phase.BOOT, Phase.SETUP, ENVIRONMENT, TURN),
    *(COLLECT, SET_UP, CALL, TEARDOWN, WHOLE, Phase.REMOVE),
)
# Less than that no suite waited: it is what the loop takes to come round.
_LEAST_WAIT = 0.05


class Timings(Rows):
    """Takes every event of a run.

    ``collection`` is how long each suite took to know its tests, ``lines`` where it stood until
    then. Of ``ended`` and ``ready`` the times are those of the run.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        super().__init__()
        self.collection: dict[str, float] = {}
        self.lines: dict[str, tuple[CollectedLine, ...]] = {}
        self.ended: dict[str, float] = {}
        self.ready: dict[str, float] = {}
        self._stages: dict[Stage, float] = {}
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        """Keep what the times need."""
        super().take(event)
        match event:
            case events.TestsCollected(suite=suite, at=at) if suite in self.began:
                self.collection.setdefault(suite, at - self.began[suite])
                self.lines[suite] = (*self.lines.get(suite, ()), *event.lines)
            case events.SuiteFinished(result=result, at=at):
                self.ended[result.suite] = at
            case events.EnvironmentReady(environment=environment, at=at):
                self.ready.setdefault(environment, at)
            case events.StageFinished(stage=stage, at=at):
                self._stages[stage] = at

    def of_suite(self, suite: str) -> list[TestResult]:
        """Return the tests of a suite."""
        return [test for (one, _), test in self.tests.items() if one == suite]

    def span(self, suite: str) -> tuple[float, float] | None:
        """Return when a suite began and ended, where it did."""
        if suite not in self.began or suite not in self.ended:
            return None
        return self.began[suite], self.ended[suite]

    def waits(self) -> Iterator[tuple[str, float]]:
        """Yield what each suite waited for since the stage before it was over, and how long.

        First for its environment, then for its turn: a free slot, or other suites of the same
        environment. What its own toolchain took is no waiting.
        """
        for plan in self.started.suites if self.started else ():
            began = self.began.get(plan.id)
            if began is None:
                continue
            before = STAGES[: STAGES.index(plan.stage)]
            could = max((self._stages[one] for one in before if one in self._stages), default=0.0)
            ready = min(max(self.ready.get(plan.environment, could), could), began)
            yield ENVIRONMENT, ready - could - self._synced(plan, could, ready)
            yield TURN, began - ready - self._synced(plan, ready, began)

    def _synced(self, plan: PlannedSuite, begin: float, end: float) -> float:
        spans = (
            (row.at - row.seconds, row.at)
            for row in self.phases
            if row.phase == Phase.SYNC and row.subject == plan.folder
        )
        return sum(max(0.0, min(end, last) - max(begin, first)) for first, last in spans)


def phase_times(timings: Timings) -> tuple[PhaseTime, ...]:
    """Return the sum of each phase that the run had, in the order in which they come."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in timings.phases:
        found[row.phase].append(row.seconds)
    for phase, seconds in timings.waits():
        if seconds >= _LEAST_WAIT:
            found[phase].append(seconds)
    found[COLLECT].extend(timings.collection.values())
    for result in timings.tests.values():
        for phase, seconds in result.phases or ((WHOLE, result.seconds),):
            found[phase].append(seconds)
    order = {phase: at for at, phase in enumerate(_ORDER)}
    known = sorted(found, key=lambda phase: order.get(phase, len(order)))
    return tuple(PhaseTime(str(p), sum(found[p]), len(found[p])) for p in known if found[p])
