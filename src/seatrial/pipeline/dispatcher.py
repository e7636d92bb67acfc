"""One loop that owns a run: it starts what the schedule allows and hears of everything that ends.

::

    schedule.next_moves(plan, state)  ──►  tasks (suites, boots, removals)
                 ▲                                    │ one ends
                 └────────────── state ◄──────────────┘

Signals and the run's deadline come in as facts of the same loop, so that counts, cancellation and
clean-up have one owner. What a second signal does is in ``shutdown``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seatrial import events
from seatrial.errors import DeadlinePassed, EnvironmentFailure, SeatrialError
from seatrial.model.environment import EnvironmentRequest
from seatrial.model.project import Stage, Suite
from seatrial.model.result import Problem, RunResult, SuiteResult, Verdict
from seatrial.pipeline.executor import SuiteStep, run_suite
from seatrial.pipeline.naming import scratch_of
from seatrial.pipeline.setup import run_setup
from seatrial.pipeline.verdicts import run_result, stage_verdict
from seatrial.planning.plan import Plan, PlannedEnvironment
from seatrial.planning.schedule import Standing, State, next_moves, passes
from seatrial.runners.base import Runner
from seatrial.runtimes.base import Environment, RunContext, Runtime


@dataclass(frozen=True, slots=True)
class Tools:
    """What a dispatcher needs besides the plan.

    ``runtime`` is awaited by the first boot, so that choosing it costs the unit tests nothing.
    ``kept`` is called for each environment that ``--keep`` leaves up.
    """

    context: RunContext
    runtime: Callable[[], Awaitable[Runtime]]
    runner: Callable[[str], Runner]
    requests: Mapping[str, EnvironmentRequest]
    scratch: Path
    again: Callable[[Suite, tuple[str, ...]], str]
    kept: Callable[[Environment], None]


@dataclass(slots=True)
class _Ended:
    """Why the run is being stopped early: the verdict of what was running, and the exit code."""

    verdict: Verdict
    problem: Problem | None = None


@dataclass(slots=True)
class _Book:
    """Results and times as they come in."""

    results: dict[str, SuiteResult] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    stage_began: dict[Stage, float] = field(default_factory=dict)
    stages_over: set[Stage] = field(default_factory=set)


class Dispatcher:
    """Runs one plan, once."""

    def __init__(self, plan: Plan, tools: Tools) -> None:
        self._plan = plan
        self._tools = tools
        self._context = tools.context
        self._state = State()
        self._book = _Book()
        self._tasks: dict[asyncio.Task[Any], Callable[[asyncio.Task[Any]], None]] = {}
        self._suite_tasks: dict[str, asyncio.Task[SuiteResult]] = {}
        self._boot_tasks: dict[str, asyncio.Task[Environment]] = {}
        self._environments: dict[str, Environment] = {}
        self._ended: _Ended | None = None
        self._wake = asyncio.Event()

    async def run(self) -> RunResult:
        """Carry the plan out and return how it ended. Nothing that it started is left."""
        deadline = self._plan.options.timeout
        timer = (
            asyncio.get_running_loop().call_later(deadline, self._too_late) if deadline else None
        )
        try:
            while self._move():
                await self._next()
        finally:
            if timer is not None:
                timer.cancel()
            await self._abandon()
        return run_result(
            self._plan,
            self._book.results,
            self._book.problems,
            self._ended.verdict if self._ended else None,
            self._context.clock.at(),
        )

    def interrupt(self) -> None:
        """End the run early, as the first Ctrl-C does: report what is known, take all down."""
        self._stop(_Ended(Verdict.INTERRUPTED))

    def call_off(self, error: SeatrialError) -> None:
        """End the run early, because what the user asked for by name cannot be had."""
        self._stop(_Ended(Verdict.NO_ENVIRONMENT, Problem.of(error)))

    def _too_late(self) -> None:
        limit = self._plan.options.timeout or 0.0
        problem = DeadlinePassed(
            f"the run did not end within {limit:g} s",
            mend="raise --timeout, or see below where the time went",
        )
        self._stop(_Ended(Verdict.DEADLINE, Problem.of(problem)))

    def _stop(self, ended: _Ended) -> None:
        if self._ended is None:
            self._ended = ended
            self._state.stopping = True
            if ended.problem is not None:
                self._book.problems.append(ended.problem)
            for task in self._suite_tasks.values():
                task.cancel()
            self._wake.set()

    def _move(self) -> bool:
        """Start what may start; return whether anything is left to wait for."""
        moves = next_moves(self._plan, self._state)
        for suite, verdict in moves.drop.items():
            self._settle(SuiteResult(suite, verdict))
        for key in moves.remove:
            self._remove(key)
        for suite_to_run in moves.suites:
            self._start_suite(suite_to_run)
        for planned in moves.boots:
            self._start_boot(planned)
        return bool(self._tasks) or not moves.finished

    async def _next(self) -> None:
        """Wait until a task ends or somebody wants the run to stop."""
        if not self._tasks:
            return
        wake = asyncio.ensure_future(self._wake.wait())
        try:
            done, _ = await asyncio.wait({*self._tasks, wake}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wake.cancel()
        self._wake.clear()
        for task in done - {wake}:
            self._tasks.pop(task)(task)

    def _task(
        self, work: Coroutine[Any, Any, Any], then: Callable[[asyncio.Task[Any]], None]
    ) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks[task] = then
        return task

    async def _abandon(self) -> None:
        """After an error of our own: end what still runs, take down what is up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for environment in self._environments.values():
            await environment.remove()

    # Suites

    def _start_suite(self, suite: Suite) -> None:
        self._open_stage(suite.stage)
        self._state.running.add(suite.id)
        planned = self._plan.environment_of(suite)
        step = SuiteStep(
            suite=suite,
            runner=self._tools.runner(suite.runner),
            environment=self._environments.get(planned.key) if planned else None,
            scratch=scratch_of(self._tools.scratch, suite),
            options=self._plan.options,
            again=self._tools.again,
            apart=spread.apart if (spread := self._plan.spread.get(suite.id)) else None,
        )
        self._suite_tasks[suite.id] = self._task(
            run_suite(step, self._context), lambda task: self._suite_over(suite, task)
        )

    def _suite_over(self, suite: Suite, task: asyncio.Task[SuiteResult]) -> None:
        self._state.running.discard(suite.id)
        del self._suite_tasks[suite.id]
        # A task that is cancelled before its first step never gets to a result of its own.
        cut = task.cancelled()
        result = SuiteResult(suite.id, Verdict.CANCELLED) if cut else task.result()
        if result.verdict is Verdict.CANCELLED:
            why = self._ended.verdict if self._ended else Verdict.CANCELLED
            self._settle(replace(result, verdict=why))
            return
        self._settle(result)
        if self._plan.options.runner.first_failure and not passes(self._plan, result.verdict):
            self._stop(_Ended(Verdict.CANCELLED))

    def _settle(self, result: SuiteResult) -> None:
        self._state.verdicts[result.suite] = result.verdict
        self._book.results[result.suite] = result
        if result.problem is not None:
            self._book.problems.append(result.problem)
        self._emit(events.SuiteFinished(self._at(), result))
        for stage in self._plan.stages:
            if stage.stage in self._book.stages_over:
                continue
            results = [self._book.results.get(suite.id) for suite in stage.suites]
            if all(results):
                self._close_stage(stage.stage, [r for r in results if r is not None])

    def _open_stage(self, stage: Stage) -> None:
        if stage not in self._book.stage_began:
            self._book.stage_began[stage] = self._at()
            self._emit(events.StageStarted(self._at(), stage))

    def _close_stage(self, stage: Stage, results: list[SuiteResult]) -> None:
        self._book.stages_over.add(stage)
        began = self._book.stage_began.get(stage, self._at())
        verdict = stage_verdict(self._plan, results)
        self._emit(events.StageFinished(self._at(), stage, verdict, self._at() - began))

    # Environments

    def _start_boot(self, planned: PlannedEnvironment) -> None:
        self._state.environments[planned.key] = Standing.BOOTING
        self._boot_tasks[planned.key] = self._task(
            self._boot(planned), lambda task: self._booted(planned.key, task)
        )

    async def _boot(self, planned: PlannedEnvironment) -> Environment:
        runtime = await self._tools.runtime()
        environment = await runtime.boot(self._tools.requests[planned.key])
        try:
            await run_setup(planned, environment.exports, self._context)
        except BaseException:
            await asyncio.shield(environment.remove())
            raise
        return environment

    def _booted(self, key: str, task: asyncio.Task[Environment]) -> None:
        del self._boot_tasks[key]
        if task.cancelled():
            self._state.environments[key] = Standing.GONE
            return
        error = task.exception()
        if isinstance(error, SeatrialError):
            self._state.environments[key] = Standing.FAILED
            problem = Problem.of(error)
            self._book.problems.append(problem)
            self._emit(events.EnvironmentFailed(self._at(), key, problem))
            return
        self._environments[key] = task.result()
        if self._state.standing(key) is Standing.GOING:
            # It came up in the moment in which it was called off.
            self._remove(key)
        else:
            self._state.environments[key] = Standing.UP

    def _remove(self, key: str) -> None:
        self._state.environments[key] = Standing.GOING
        if key in self._boot_tasks:
            # The runtime takes down what it had begun before the cancelled task ends.
            self._boot_tasks[key].cancel()
            return
        environment = self._environments.pop(key)
        if self._plan.options.keep and self._state.stopping is False:
            self._keep(key, environment)
            return
        self._task(self._take_down(environment), lambda task: self._removed(key, task))

    def _keep(self, key: str, environment: Environment) -> None:
        environment.keep()
        self._tools.kept(environment)
        self._state.environments[key] = Standing.GONE
        self._emit(
            events.EnvironmentKept(self._at(), key, environment.endpoints, environment.exports)
        )

    async def _take_down(self, environment: Environment) -> float:
        began = self._at()
        key = environment.request.key
        self._emit(events.PhaseStarted(began, events.Phase.REMOVE, key, key))
        await environment.remove()
        seconds = self._at() - began
        self._emit(events.PhaseFinished(self._at(), events.Phase.REMOVE, key, seconds, key))
        return seconds

    def _removed(self, key: str, task: asyncio.Task[float]) -> None:
        self._state.environments[key] = Standing.GONE
        error = task.exception()
        if error is None:
            self._emit(events.EnvironmentRemoved(self._at(), key, task.result()))
        elif isinstance(error, EnvironmentFailure):
            self._book.problems.append(Problem.of(error))
            self._emit(events.Noticed(self._at(), events.Notice.REMOVAL_FAILED, key, error.what))
        else:
            raise error

    def _at(self) -> float:
        return self._context.clock.at()

    def _emit(self, event: events.Event) -> None:
        self._context.emit(event)
