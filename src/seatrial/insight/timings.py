"""The times of a run, gathered from its events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from seatrial.events import Event, Phase, TestsCollected
from seatrial.history.rows import Rows
from seatrial.insight.model import PhaseTime

COLLECT, SET_UP, CALL, TEARDOWN = "collect", "set-up", "call", "teardown"
# Of tests whose runner does not tell phases.
WHOLE = "tests"
_ORDER = (
    *(Phase.SYNC, Phase.BUILD, Phase.BOOT, Phase.SETUP),
    *(COLLECT, SET_UP, CALL, TEARDOWN, WHOLE, Phase.REMOVE),
)


class Timings(Rows):
    """Takes every event of a run; ``collection`` is how long each suite took to know its tests."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        super().__init__()
        self.collection: dict[str, float] = {}
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        """Keep what the times need."""
        super().take(event)
        if isinstance(event, TestsCollected) and event.suite in self.began:
            self.collection.setdefault(event.suite, event.at - self.began[event.suite])


def phase_times(timings: Timings) -> tuple[PhaseTime, ...]:
    """Return the sum of each phase that the run had, in the order in which they come."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in timings.phases:
        found[row.phase].append(row.seconds)
    found[COLLECT].extend(timings.collection.values())
    for result in timings.tests.values():
        for phase, seconds in result.phases or ((WHOLE, result.seconds),):
            found[phase].append(seconds)
    order = {phase: at for at, phase in enumerate(_ORDER)}
    known = sorted(found, key=lambda phase: order.get(phase, len(order)))
    return tuple(PhaseTime(str(p), sum(found[p]), len(found[p])) for p in known if found[p])
