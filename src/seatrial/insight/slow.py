"""Where the time of a run went: its phases, its slow tests with their causes, its outliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from seatrial.config.model import SlowConfig
from seatrial.events import PlannedSuite
from seatrial.insight.causes import Causes
from seatrial.insight.model import Collection, Insight, Outlier, SlowTest
from seatrial.insight.sources import Read, Sources
from seatrial.insight.timings import Timings, phase_times
from seatrial.insight.usual import LEAST_RUNS, is_outlier, spread
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, TestResult


def insight(
    timings: Timings, earlier: Sequence[Timings], limits: SlowConfig, read: Read
) -> Insight | None:
    """Return what is to be said of a run; ``None`` where its beginning is not known.

    ``earlier`` are the runs before it and ``read`` gives the sources of its tests.
    """
    run = timings.run()
    if run is None or timings.started is None:
        return None
    plans = {plan.id: plan for plan in timings.started.suites}
    causes = {
        plan.id: Causes(Sources(plan.folder, read), _of_suite(timings, plan.id))
        for plan in plans.values()
        if plan.runner == "pytest"
    }
    known = [(plans[suite], test) for (suite, _), test in timings.tests.items() if suite in plans]
    slow = sorted(_slow(known, limits, causes), key=lambda test: -test.seconds)
    outliers = sorted(_outliers(known, earlier), key=lambda one: one.median - one.seconds)
    return Insight(
        *(run.id, run.seconds, len(timings.tests), phase_times(timings)),
        *(tuple(slow), tuple(outliers), tuple(_collections(timings, causes, limits.unit))),
    )


def _slow(
    tests: Iterable[tuple[PlannedSuite, TestResult]],
    limits: SlowConfig,
    causes: Mapping[str, Causes],
) -> Iterator[SlowTest]:
    limit_of = {
        Stage.UNIT: limits.unit,
        Stage.SERVICE: limits.service,
        Stage.INTEGRATION: limits.integration,
    }
    for plan, test in tests:
        limit = limit_of[plan.stage]
        if test.seconds < limit:
            continue
        slow = SlowTest(plan.id, plan.stage, test.id, test.seconds, limit, test.phases)
        found = causes[plan.id].of(test) if plan.id in causes else None
        yield slow if found is None else replace(slow, read=True, causes=found)


def _outliers(
    tests: Iterable[tuple[PlannedSuite, TestResult]], earlier: Sequence[Timings]
) -> Iterator[Outlier]:
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for run in earlier:
        for key, test in run.tests.items():
            # How long a failure takes says nothing of how long the test does.
            if test.outcome is Outcome.PASSED:
                times[key].append(test.seconds)
    for plan, test in tests:
        before = times.get((plan.id, test.id), ())
        if len(before) >= LEAST_RUNS and is_outlier(test.seconds, before):
            middle, deviation = spread(before)
            yield Outlier(
                *(plan.id, plan.stage, test.id, test.seconds, middle, deviation, len(before))
            )


def _collections(
    timings: Timings, causes: Mapping[str, Causes], limit: float
) -> Iterator[Collection]:
    for suite, seconds in timings.collection.items():
        if seconds < limit or suite not in causes:
            continue
        if found := causes[suite].of_collection(seconds):
            yield Collection(suite, seconds, found)


def _of_suite(timings: Timings, suite: str) -> list[TestResult]:
    return [test for (one, _), test in timings.tests.items() if one == suite]
