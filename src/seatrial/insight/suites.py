"""What makes a suite slow as a whole: its collection, set-ups it repeats, one test at a time."""

from __future__ import annotations

from seatrial.config.model import SlowConfig
from seatrial.events import PlannedSuite
from seatrial.insight.collecting import of_collection
from seatrial.insight.model import Parallel, SlowSuite
from seatrial.insight.parallel import alone, parallel
from seatrial.insight.setups import Setups
from seatrial.insight.sources import Sources
from seatrial.insight.timings import Timings
from seatrial.model.project import Stage


def limit_of(stage: Stage, limits: SlowConfig) -> float:
    """Return the seconds from which on a test of a stage is slow."""
    return {
        Stage.UNIT: limits.unit,
        Stage.SERVICE: limits.service,
        Stage.INTEGRATION: limits.integration,
    }[stage]


def slow_suite(
    plan: PlannedSuite,
    timings: Timings,
    sources: Sources,
    setups: Setups,
    limits: SlowConfig,
    processors: int,
) -> SlowSuite | None:
    """Return what could be quicker about a suite; ``None`` where there is nothing to say."""
    span = timings.span(plan.id)
    if plan.runner != "pytest" or span is None:
        return None
    lines = timings.lines.get(plan.id, ())
    causes = (
        *of_collection(lines, sources, limits.collection),
        *setups.repeated(limit_of(plan.stage, limits)),
    )
    workers = _parallel(plan, timings, span, processors)
    if not causes and workers is None:
        return None
    collection = timings.collection.get(plan.id, 0.0)
    seconds = span[1] - span[0]
    return SlowSuite(plan.id, plan.stage, seconds, collection, causes, workers)


def _parallel(
    plan: PlannedSuite, timings: Timings, span: tuple[float, float], processors: int
) -> Parallel | None:
    # Tests of other stages share an environment: whether they may run at once, times do not say.
    result = timings.suites.get(plan.id)
    if plan.stage is not Stage.UNIT or result is None or result.workers:
        return None
    suites = timings.started.suites if timings.started else ()
    others = [timings.span(other.id) for other in suites if other.id != plan.id]
    return parallel(
        timings.of_suite(plan.id),
        seconds=span[1] - span[0],
        processors=alone(span, filter(None, others), processors),
    )
