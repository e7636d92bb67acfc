"""Why a test is likely to be slow: what its source says, held against the times that it took.

A sleep that is longer than the phase it stands in did not happen as it is written, and is no cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from seatrial.insight.closure import closure
from seatrial.insight.deadlines import deadlines
from seatrial.insight.model import Cause, CauseKind
from seatrial.insight.setups import Setups
from seatrial.insight.sources import Fixture, Sources
from seatrial.insight.timings import CALL, SET_UP, TEARDOWN
from seatrial.insight.waits import SHORTEST, Wait, sleeps
from seatrial.model.result import FixtureTime, TestResult

# A deadline that was waited out ends a little late: by this much, or this share of it.
_LATE_SECONDS, _LATE_SHARE = 0.3, 0.1
# Clocks that measure the same sleep may differ by this much.
_SLACK = 0.02
# A fixture is where the time of a test goes if its set-up takes this share of it.
_SHARE = 0.2


class Causes:
    """Finds the causes of one suite's slow tests; ``setups`` are those of all its fixtures."""

    def __init__(self, sources: Sources, setups: Setups) -> None:
        self._sources = sources
        self._setups = setups

    def of(self, result: TestResult) -> tuple[Cause, ...] | None:
        """Return the likely causes, ``None`` where the source of the test cannot be had."""
        test = self._sources.test(result.id)
        if test is None:
            return None
        left = dict(result.phases)
        if CALL not in left:
            return ()
        asked = closure(test, self._sources.around(result.id))
        inside = _fitting(sleeps(test.node.body, test.source), left, CALL)
        around = [w for f in asked for w in sleeps(f.node.body, f.source)]
        before = _fitting([w for w in around if not w.teardown], left, SET_UP)
        after = _fitting([w for w in around if w.teardown], left, TEARDOWN)
        waited = _waited_out(deadlines(test.node.body, test.source), left[CALL])
        return (
            *(_cause(CauseKind.SLEEP, wait) for wait in (*before, *inside, *after)),
            *(_cause(CauseKind.TIMEOUT, wait) for wait in (*_in_set_up(asked, result), *waited)),
            *self._fixtures(result),
        )

    def _fixtures(self, result: TestResult) -> Iterable[Cause]:
        """Yield the fixtures that take much of the test, and as long again for other tests."""
        for fixture in result.fixtures:
            if fixture.seconds >= max(SHORTEST, _SHARE * result.seconds):
                yield from self._setups.too_narrow(fixture, fixture.seconds)


def _fitting(waits: Sequence[Wait], left: dict[str, float], phase: str) -> Sequence[Wait]:
    """Return ``waits`` if the phase was long enough for all; take them from what is ``left``."""
    total = sum(wait.seconds for wait in waits)
    if total > left.get(phase, 0.0) + _SLACK:
        return ()
    left[phase] = left.get(phase, 0.0) - total
    return waits


def _in_set_up(asked: Iterable[Fixture], result: TestResult) -> Iterable[Wait]:
    """Yield the deadlines of fixtures whose own set-up took as long."""
    took: Mapping[str, FixtureTime] = {one.name: one for one in result.fixtures}
    for fixture in asked:
        if fixture.name in took:
            found = deadlines(fixture.node.body, fixture.source)
            yield from _waited_out(found, took[fixture.name].seconds)


def _waited_out(waits: Iterable[Wait], took: float) -> Iterable[Wait]:
    for wait in waits:
        late = max(_LATE_SECONDS, _LATE_SHARE * wait.seconds)
        if wait.seconds - _SLACK <= took <= wait.seconds + late:
            yield wait


def _cause(kind: CauseKind, wait: Wait) -> Cause:
    return Cause(kind, wait.file, wait.line, wait.seconds, saved=wait.seconds)
