"""Why a test is likely to be slow: what its source says, held against the times that it took.

A sleep that is longer than the phase it stands in did not happen as it is written, and is no cause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from seatrial.insight.closure import Closure, closure
from seatrial.insight.model import Cause, CauseKind
from seatrial.insight.sources import Source, Sources
from seatrial.insight.timings import CALL, SET_UP, TEARDOWN
from seatrial.insight.waits import Wait, deadlines, sleeps
from seatrial.model.result import TestResult

# A deadline that was waited out ends a little late: by this much, or this share of it.
_LATE_SECONDS, _LATE_SHARE = 0.5, 0.1
# Clocks that measure the same sleep may differ by this much.
_SLACK = 0.02
# A set-up is where the time goes if it takes this share of it.
_SHARE = 0.5


class Causes:
    """Finds the causes of one suite's slow tests; ``results`` are all of its tests."""

    def __init__(self, sources: Sources, results: Iterable[TestResult]) -> None:
        self._sources = sources
        self._results = tuple(results)
        self._beside: dict[str, list[TestResult]] = defaultdict(list)
        for result in self._results:
            if result.phases:
                self._beside[_file(result)].append(result)
        self._closures: dict[str, Closure | None] = {}

    def of(self, result: TestResult) -> tuple[Cause, ...] | None:
        """Return the likely causes, ``None`` where the source of the test cannot be had."""
        test = self._sources.test(result.id)
        asked = self._closure(result.id)
        if test is None or asked is None:
            return None
        left = dict(result.phases)
        if CALL not in left:
            return ()
        inside = _fitting(sleeps(test.node.body, test.source), left, CALL)
        around = [w for f in asked.fixtures for w in sleeps(f.node.body, f.source)]
        before = _fitting([w for w in around if not w.teardown], left, SET_UP)
        after = _fitting([w for w in around if w.teardown], left, TEARDOWN)
        slept = [_sleep(wait) for wait in (*before, *inside, *after)]
        waited = [
            Cause(CauseKind.TIMEOUT, wait.file, wait.line, wait.seconds)
            for wait in deadlines(test.node.body, test.source)
            if _waited_out(wait.seconds, left[CALL])
        ]
        return (*slept, *waited, *self._fixtures(result, asked, left.get(SET_UP, 0.0)))

    def of_collection(self, seconds: float) -> tuple[Cause, ...]:
        """Return the sleeps that pytest comes to while it imports the files of the suite."""
        files: dict[str, Source] = {}
        for result in self._results:
            files.update((source.file, source) for source in self._sources.around(result.id))
        found = [wait for source in files.values() for wait in sleeps(source.tree.body, source)]
        return tuple(map(_sleep, _fitting(found, {SET_UP: seconds}, SET_UP)))

    def _fixtures(self, result: TestResult, asked: Closure, setup: float) -> Iterable[Cause]:
        """Yield the fixtures that are set up anew, at length, for each test that asks for them."""
        # One that was not found, of a plugin, may be the one that takes the time.
        if not asked.whole or setup < _SHARE * result.seconds:
            return
        for fixture in asked.fixtures:
            users = [one for one in self._beside[_file(result)] if self._asks(one, fixture.node)]
            again = len(users) > 1 and all(_setup(one) >= _SHARE * setup for one in users)
            if fixture.scope == "function" and again:
                yield Cause(
                    *(CauseKind.FIXTURE, fixture.source.file, fixture.node.lineno, setup),
                    name=fixture.name,
                    tests=len(users),
                )

    def _asks(self, result: TestResult, node: object) -> bool:
        asked = self._closure(result.id)
        return asked is not None and any(fixture.node is node for fixture in asked.fixtures)

    def _closure(self, identity: str) -> Closure | None:
        name = identity.partition("[")[0]
        if name not in self._closures:
            test = self._sources.test(name)
            found = closure(test, self._sources.around(name)) if test else None
            self._closures[name] = found
        return self._closures[name]


def _fitting(waits: Sequence[Wait], left: dict[str, float], phase: str) -> Sequence[Wait]:
    """Return ``waits`` if the phase was long enough for all; take them from what is ``left``."""
    total = sum(wait.seconds for wait in waits)
    if total > left.get(phase, 0.0) + _SLACK:
        return ()
    left[phase] = left.get(phase, 0.0) - total
    return waits


def _sleep(wait: Wait) -> Cause:
    return Cause(CauseKind.SLEEP, wait.file, wait.line, wait.seconds, saved=wait.seconds)


def _waited_out(seconds: float, took: float) -> bool:
    late = max(_LATE_SECONDS, _LATE_SHARE * seconds)
    return seconds - _SLACK <= took <= seconds + late


def _file(result: TestResult) -> str:
    return result.id.partition("::")[0]


def _setup(result: TestResult) -> float:
    return dict(result.phases).get(SET_UP, 0.0)
