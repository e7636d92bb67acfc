"""What may start now: the rules of the pipeline as one pure function over its state.

Rules, each with its reason:

* a suite starts only when every suite of the stages before it has passed (the seed's fail-fast);
* suites of one stage run side by side, but suites that share an environment follow one another,
  because they share its data;
* an environment may boot as soon as a slot is free, also for a later stage; a suite that could
  start goes first, so that boots only use what would stand idle;
* a suite with workers takes a slot for each of them, so that all together are as many as without;
* what is expected to take longest goes first, so that no long one is left for the end. What shares
  an environment counts as one, and its boot with it; without a past the plan's order holds;
* an environment goes as soon as nothing that will still run needs it;
* once a stage has failed, nothing of a later stage starts, and its environments go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from seatrial.model.project import STAGES, Stage, Suite
from seatrial.model.result import Verdict
from seatrial.planning.plan import Plan, PlannedEnvironment
from seatrial.planning.shards import estimates


class Standing(Enum):
    """Where an environment is in its life."""

    WAITING = auto()
    BOOTING = auto()
    UP = auto()
    FAILED = auto()
    GOING = auto()
    GONE = auto()


@dataclass(slots=True)
class State:
    """What has happened so far. ``verdicts`` has every suite that ended or will not run."""

    running: set[str] = field(default_factory=set)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    environments: dict[str, Standing] = field(default_factory=dict)
    stopping: bool = False

    def standing(self, key: str) -> Standing:
        """Return where an environment is; it waits until something else was said."""
        return self.environments.get(key, Standing.WAITING)


@dataclass(frozen=True, slots=True)
class Moves:
    """What to do now, in this order. ``drop`` maps suites that will never run to their verdict."""

    drop: Mapping[str, Verdict]
    remove: tuple[str, ...]
    suites: tuple[Suite, ...]
    boots: tuple[PlannedEnvironment, ...]
    finished: bool


def next_moves(plan: Plan, state: State) -> Moves:
    """Return what may start, what will not run, and whether all is over."""
    drop = _dropped(plan, state)
    over = state.verdicts.keys() | drop.keys()
    remove = tuple(
        env.key
        for env in plan.environments
        if state.standing(env.key) in (Standing.UP, Standing.BOOTING)
        and all(suite in over for suite in env.suites)
    )
    waiting = [s for s in plan.suites if s.id not in over and s.id not in state.running]
    running = [suite for suite in plan.suites if suite.id in state.running]
    free = plan.options.jobs - _slots(running) - _booting(state)
    suites = _startable(plan, state, waiting, free)
    boots = _bootable(plan, state, over, free - _slots(suites))
    busy = state.running or _unsettled(state) or remove
    return Moves(drop, remove, suites, boots, finished=not (busy or waiting))


def _slots(suites: Iterable[Suite]) -> int:
    return sum(max(1, suite.workers) for suite in suites)


def _booting(state: State) -> int:
    return sum(standing is Standing.BOOTING for standing in state.environments.values())


def _unsettled(state: State) -> bool:
    moving = (Standing.BOOTING, Standing.UP, Standing.GOING)
    return any(standing in moving for standing in state.environments.values())


def open_stage(plan: Plan, state: State) -> Stage | None:
    """Return the first stage that has a suite without a verdict."""
    for stage in plan.stages:
        if any(suite.id not in state.verdicts for suite in stage.suites):
            return stage.stage
    return None


def passes(plan: Plan, verdict: Verdict) -> bool:
    """Return whether a verdict lets the next stage start.

    A suite without a test is no pass, unless the user chose the tests (``-k`` or words after
    ``--``): then it only means that none of them is here.
    """
    chosen = plan.options.runner.keyword is not None or bool(plan.options.runner.arguments)
    return verdict is Verdict.PASSED or (verdict is Verdict.NO_TESTS and chosen)


def _dropped(plan: Plan, state: State) -> dict[str, Verdict]:
    if state.stopping:
        settled = state.verdicts.keys() | state.running
        return {s.id: Verdict.NOT_RUN for s in plan.suites if s.id not in settled}
    failed = Standing.FAILED in state.environments.values()
    if not failed and all(passes(plan, verdict) for verdict in set(state.verdicts.values())):
        return {}
    dropped: dict[str, Verdict] = {}
    failed_before = False
    for stage in plan.stages:
        for suite in stage.suites:
            if suite.id in state.verdicts or suite.id in state.running:
                continue
            environment = plan.environment_of(suite)
            if failed_before:
                dropped[suite.id] = Verdict.NOT_RUN
            elif environment and state.standing(environment.key) is Standing.FAILED:
                dropped[suite.id] = Verdict.NO_ENVIRONMENT
        verdicts = [dropped.get(s.id) or state.verdicts.get(s.id) for s in stage.suites]
        failed_before |= any(v is not None and not passes(plan, v) for v in verdicts)
    return dropped


def _startable(plan: Plan, state: State, waiting: list[Suite], free: int) -> tuple[Suite, ...]:
    if free <= 0:
        return ()
    stage = open_stage(plan, state)
    ahead = _ahead(plan, waiting)
    waiting = sorted(waiting, key=lambda suite: -ahead[suite.id])
    busy = {env.key for env in plan.environments if set(env.suites) & state.running}
    chosen: list[Suite] = []
    for suite in waiting:
        if suite.stage is not stage or _slots((*chosen, suite)) > free:
            continue
        environment = plan.environment_of(suite)
        if environment is not None:
            if state.standing(environment.key) is not Standing.UP or environment.key in busy:
                continue
            busy.add(environment.key)
        chosen.append(suite)
    return tuple(chosen)


def _bootable(
    plan: Plan, state: State, over: set[str], free: int
) -> tuple[PlannedEnvironment, ...]:
    wanted = [
        env
        for env in plan.environments
        if state.standing(env.key) is Standing.WAITING
        and not all(suite in over for suite in env.suites)
    ]
    if not wanted or free <= 0:
        return ()
    ahead = _ahead(plan, [suite for suite in plan.suites if suite.id not in over])
    boots = plan.options.expected.boots
    seconds = {
        env.key: boots.get(env.key, 0.0) + max(ahead.get(suite, 0.0) for suite in env.suites)
        for env in wanted
    }
    wanted.sort(key=lambda env: (STAGES.index(env.stage), -seconds[env.key]))
    return tuple(wanted[:free])


def _ahead(plan: Plan, suites: Iterable[Suite]) -> dict[str, float]:
    """Return the seconds from the start of each suite to the end of all that wait in its place.

    All are 0 without a past, so that the order of the plan stays.
    """
    past = plan.options.expected.suites
    waiting = [suite.id for suite in suites]
    if not past:
        return dict.fromkeys(waiting, 0.0)
    usual = estimates([suite.id for suite in plan.suites], past)
    seconds = {suite: usual[suite] for suite in waiting}
    for environment in plan.environments:
        members = [suite for suite in environment.suites if suite in seconds]
        seconds |= dict.fromkeys(members, sum(usual[suite] for suite in members))
    return seconds
