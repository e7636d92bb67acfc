"""Where the time of a run went: its phases, its slow tests with their causes, its outliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from seatrial.config.model import SlowConfig
from seatrial.events import PlannedSuite
from seatrial.insight.causes import Causes
from seatrial.insight.javascript import Scripts
from seatrial.insight.model import Cause, Insight, Outlier, SlowTest
from seatrial.insight.setups import Setups
from seatrial.insight.sources import Read, Sources
from seatrial.insight.suites import limit_of, slow_suite
from seatrial.insight.timings import Timings, phase_times
from seatrial.insight.usual import LEAST_RUNS, is_outlier, spread
from seatrial.model.result import Outcome, TestResult

_SCRIPTS = frozenset(("jest", "vitest"))


class _Causes(Protocol):
    def of(self, result: TestResult) -> tuple[Cause, ...] | None: ...


def insight(
    timings: Timings, earlier: Sequence[Timings], limits: SlowConfig, read: Read, processors: int
) -> Insight | None:
    """Return what is to be said of a run; ``None`` where its beginning is not known.

    ``earlier`` are the runs before it, ``read`` gives the sources of its tests, and ``processors``
    is how many the machine has.
    """
    run = timings.run()
    if run is None or timings.started is None:
        return None
    plans = {plan.id: plan for plan in timings.started.suites}
    sources = {plan.id: Sources(plan.folder, read) for plan in plans.values()}
    setups = {suite: Setups(sources[suite], timings.of_suite(suite)) for suite in plans}
    causes: dict[str, _Causes] = {}
    for plan in plans.values():
        if plan.runner == "pytest":
            causes[plan.id] = Causes(sources[plan.id], setups[plan.id])
        elif plan.runner in _SCRIPTS:
            causes[plan.id] = Scripts(plan.folder, read, timings.of_suite(plan.id))
    known = [(plans[suite], test) for (suite, _), test in timings.tests.items() if suite in plans]
    slow = sorted(_slow(known, limits, causes), key=lambda test: -test.seconds)
    outliers = sorted(_outliers(known, earlier, causes), key=lambda one: one.median - one.seconds)
    suites = [
        found
        for plan in plans.values()
        if (
            found := slow_suite(
                plan, timings, sources[plan.id], setups[plan.id], limits, processors
            )
        )
    ]
    return Insight(
        *(run.id, run.seconds, len(timings.tests), phase_times(timings)),
        suites=tuple(sorted(suites, key=lambda suite: -suite.seconds)),
        slow=tuple(slow),
        outliers=tuple(outliers),
    )


def _slow(
    tests: Iterable[tuple[PlannedSuite, TestResult]],
    limits: SlowConfig,
    causes: Mapping[str, _Causes],
) -> Iterator[SlowTest]:
    for plan, test in tests:
        limit = limit_of(plan.stage, limits)
        if test.seconds < limit:
            continue
        slow = SlowTest(plan.id, plan.stage, test.id, test.seconds, limit, test.phases)
        found = causes[plan.id].of(test) if plan.id in causes else None
        yield slow if found is None else replace(slow, read=True, causes=found)


def _outliers(
    tests: Iterable[tuple[PlannedSuite, TestResult]],
    earlier: Sequence[Timings],
    causes: Mapping[str, _Causes],
) -> Iterator[Outlier]:
    passed: dict[tuple[str, str], list[TestResult]] = defaultdict(list)
    for run in earlier:
        for key, test in run.tests.items():
            # How long a failure takes says nothing of how long the test does.
            if test.outcome is Outcome.PASSED:
                passed[key].append(test)
    for plan, test in tests:
        before = passed.get((plan.id, test.id), ())
        times = [one.seconds for one in before]
        if len(before) < LEAST_RUNS or not is_outlier(test.seconds, times):
            continue
        middle, deviation = spread(times)
        found = causes[plan.id].of(test) if plan.id in causes else None
        yield Outlier(
            *(plan.id, plan.stage, test.id, test.seconds, middle, deviation, len(before)),
            phase=_grown(test, before),
            causes=found or (),
        )


def _grown(test: TestResult, before: Sequence[TestResult]) -> str:
    """Return the phase that took most beyond what it does."""
    usual: dict[str, list[float]] = defaultdict(list)
    for one in before:
        for phase, seconds in one.phases:
            usual[phase].append(seconds)
    more = {phase: s - spread(usual[phase])[0] for phase, s in test.phases if usual[phase]}
    return max(more, key=lambda phase: more[phase], default="")
