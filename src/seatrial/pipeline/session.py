"""One run from its plan to its result: makes the doors, hands them out, closes them.

::

    plan ─► identity, slot, ledger, scratch ─► Dispatcher ─► result
                                  └─ all closed again, in reverse, whatever happens
"""

from __future__ import annotations

import asyncio
import shlex
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from seatrial import __version__, events
from seatrial.composefile.once import ComposeFiles
from seatrial.errors import SeatrialError
from seatrial.history.log import newest
from seatrial.host import git
from seatrial.host.clock import Clock
from seatrial.host.inputs import inputs
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes, children_without_threads
from seatrial.host.state import Folders, new_run_id
from seatrial.host.worktree import Slot, identify, take_slot
from seatrial.model.coverage import CoverageReport
from seatrial.model.project import Suite
from seatrial.model.redact import Redactor, secret_values
from seatrial.model.result import RunResult
from seatrial.pipeline import afterwards, kept, leftovers
from seatrial.pipeline.coverage import Coverage
from seatrial.pipeline.dispatcher import Dispatcher, Tools
from seatrial.pipeline.naming import Naming
from seatrial.pipeline.shutdown import Signals, exit_code
from seatrial.planning.plan import Plan
from seatrial.runners.registry import runner
from seatrial.runtimes.base import Environment, RunContext, Runtime
from seatrial.runtimes.choose import DOCKER, choose
from seatrial.toolchains.base import Toolchains
from seatrial.toolchains.measured import MeasuredToolchains
from seatrial.toolchains.sync import SyncedToolchains

# How often a display may move on, in seconds.
TICK = 0.1
# Seconds that a run which ended waits to learn what it ran on.
_LAST_WORD = 2.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run needs besides its plan.

    ``listener`` hears every event, redacted; ``tick`` is called ten times a second; ``farewell``
    once, when a second signal ends the process without further ado. ``coverage`` writes the reports
    of what the tests ran, and returns the name of the folder; without it nothing is measured.
    """

    runtime: str
    environment: Mapping[str, str]
    folders: Folders
    listener: Callable[[events.Event], None]
    tick: Callable[[float], None]
    farewell: Callable[[], None]
    leave: Callable[[int], None]
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    coverage: Callable[[CoverageReport], str] | None = None


def run(plan: Plan, settings: Settings) -> tuple[RunResult, int]:
    """Carry ``plan`` out; return the result and the exit code."""
    return asyncio.run(_Session(plan, settings).run())


class _Session:
    def __init__(self, plan: Plan, settings: Settings) -> None:
        self._plan = plan
        self._settings = settings
        self._worktree = identify(plan.project.root, settings.folders.state)
        self._run = new_run_id(newest(self._worktree.folder))
        self._clock = Clock()
        names = (plan.project.name, *(service.name for service in plan.project.services))
        self._redactor = Redactor(secret_values(settings.environment), names)
        self._runtime: asyncio.Task[Runtime] | None = None
        self._files = ComposeFiles()
        self._measured: MeasuredToolchains | None = None

    async def run(self) -> tuple[RunResult, int]:
        slots = closing(take_slot(self._worktree, self._kept_slots))
        with children_without_threads(), slots as slot:
            naming = Naming(self._run, self._worktree.id, slot.number, self._settings.environment)
            for request in naming.requests(self._plan).values():
                # A mistake in a file is told before anything starts.
                self._files.read(request.files, request.variables)
            async with self._context() as (context, scratch):
                return await self._dispatch(context, scratch, naming, slot)

    async def _dispatch(
        self, context: RunContext, scratch: Path, naming: Naming, slot: Slot
    ) -> tuple[RunResult, int]:
        tools = Tools(
            context=context,
            runtime=lambda: self._chosen(context),
            runner=runner,
            requests=naming.requests(self._plan),
            scratch=scratch,
            again=self._again,
            kept=lambda environment: self._keep(context, environment, slot),
        )
        dispatcher = Dispatcher(self._plan, tools)
        signals = Signals(
            lambda name, count: self._asked(dispatcher, name, count),
            lambda first: self._insisted(context, first, slot),
        )
        beside = [asyncio.ensure_future(self._tick())]
        try:
            with signals.handled():
                self._begin()
                beside.append(told := asyncio.ensure_future(self._tell_inputs(context)))
                self._ask_early(context, dispatcher)
                result = await dispatcher.run()
                await self._close_runtime()
                if self._measured is not None and self._settings.coverage is not None:
                    coverage = Coverage(self._plan, context, self._measured, scratch)
                    result = await coverage.reported(result, self._settings.coverage)
                if signals.first is None:
                    await asyncio.wait((told,), timeout=_LAST_WORD)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        code = exit_code(signals.first, result.exit_code)
        result = _with_code(result, code)
        self._emit(events.RunFinished(self._clock.at(), result))
        return result, code

    @asynccontextmanager
    async def _context(self) -> AsyncIterator[tuple[RunContext, Path]]:
        folders = self._settings.folders
        ledger = Ledger(folders.state / "runs" / f"{self._run}.ledger", self._run)
        processes = Processes(self._settings.environment, ledger)
        scratch = folders.runtime / self._run
        ledger.folder(scratch, "scratch")
        scratch.mkdir(parents=True, mode=0o755)
        toolchains = SyncedToolchains(
            processes, self._clock, self._emit, folders.state, self._plan.project.root
        )
        installed: Toolchains = toolchains
        if self._settings.coverage is not None:
            self._measured = installed = MeasuredToolchains(
                toolchains,
                processes,
                self._clock,
                self._emit,
                cache=folders.cache,
                data=scratch / "coverage",
                root=self._plan.project.root,
            )
        clean = False
        try:
            context = RunContext(
                self._run, processes, ledger, self._clock, installed, self._emit, self._files
            )
            yield context, scratch
            clean = True
        finally:
            if self._measured is not None:
                await self._measured.close()
            await toolchains.close()
            shutil.rmtree(scratch, ignore_errors=True)
            ledger.done("folder", str(scratch))
            ledger.close(clean=clean and not scratch.exists())

    def _begin(self) -> None:
        plan = self._plan
        planned = tuple(
            events.PlannedSuite(
                suite.id,
                suite.stage,
                suite.name,
                suite.runner,
                environment.key if (environment := plan.environment_of(suite)) else "",
                _below(suite.folder, plan.project.root),
                plan.selection(suite),
                suite.workers,
            )
            for suite in plan.suites
        )
        self._emit(
            events.RunStarted(
                self._clock.at(),
                self._run,
                plan.project.name,
                str(plan.project.root),
                __version__,
                self._clock.started,
                plan.options.jobs,
                planned,
                *git.checked_out(plan.project.root),
            )
        )
        for item in plan.left_out:
            notice = events.Notice.SUITE_LEFT_OUT
            self._emit(events.Noticed(self._clock.at(), notice, item.suite.id, item.missing))

    async def _tell_inputs(self, context: RunContext) -> None:
        """Say what the tests run on: it makes the run a proof. It is asked while they begin, and
        where it takes longer than they do, the end of the run waits a little for it.
        """
        digest = await inputs(self._plan.project.root, context.processes)
        if digest:
            self._emit(events.InputsKnown(self._clock.at(), digest))

    async def _chosen(self, context: RunContext) -> Runtime:
        """Return the run's one runtime, once the leftovers of dead runs are out of its way."""
        if self._runtime is None:
            self._runtime = asyncio.ensure_future(self._choose(context))
        return await asyncio.shield(self._runtime)

    def _ask_early(self, context: RunContext, dispatcher: Dispatcher) -> None:
        """Ask for a runtime that the user named at once: no test shall run in vain before it."""
        if self._settings.runtime != DOCKER or not self._plan.environments:
            return
        self._runtime = asyncio.ensure_future(self._choose(context))

        def call_off(task: asyncio.Task[Runtime]) -> None:
            error = None if task.cancelled() else task.exception()
            if isinstance(error, SeatrialError):
                dispatcher.call_off(error)

        self._runtime.add_done_callback(call_off)

    async def _choose(self, context: RunContext) -> Runtime:
        await self._clear_leftovers(context)
        choice = await choose(self._settings.runtime, context.processes)
        self._emit(
            events.RuntimeChosen(self._clock.at(), choice.runtime, choice.why, choice.detail)
        )
        if choice.engine is not None:
            if self._measured is not None:
                notice = events.Notice.COVERAGE_CONTAINERS
                self._emit(events.Noticed(self._clock.at(), notice, "containers"))
            from seatrial.runtimes.docker.runtime import DockerRuntime

            return DockerRuntime(context, choice.engine)
        from seatrial.runtimes.process.runtime import ProcessRuntime

        return ProcessRuntime(context, self._settings.folders, self._settings.providers)

    async def _clear_leftovers(self, context: RunContext) -> None:
        runs = self._settings.folders.state / "runs"
        for left in await leftovers.clean(runs, context.processes):
            if not left.empty:
                notice = events.Notice.LEFTOVERS_REMOVED
                self._emit(events.Noticed(self._clock.at(), notice, left.run, left.summary))

    async def _close_runtime(self) -> None:
        if self._runtime is None:
            return
        with suppress(SeatrialError):
            runtime = await self._runtime
            await runtime.close()

    def _kept_slots(self) -> set[int]:
        """Return the slots whose names belong to environments that are still up."""
        return {one.slot for one in kept.recall(self._worktree.folder / "environments")}

    def _keep(self, context: RunContext, environment: Environment, slot: Slot) -> None:
        context.ledger.keep()
        folder = self._worktree.folder / "environments"
        path = context.ledger.path
        kept.remember(folder, environment.request, environment.endpoints, path, slot.number)

    def _again(self, suite: Suite, words: tuple[str, ...]) -> str:
        asked = () if self._settings.runtime == "auto" else ("--runtime", self._settings.runtime)
        name = suite.service or suite.name
        return shlex.join(("seatrial", "test", name, "--stage", suite.stage, *asked, "--", *words))

    def _asked(self, dispatcher: Dispatcher, name: str, count: int) -> None:
        self._emit(events.RunInterrupted(self._clock.at(), name, count))
        dispatcher.interrupt()

    def _insisted(self, context: RunContext, first: signal.Signals, slot: Slot) -> None:
        context.processes.kill_all()
        afterwards.start(context.ledger.path, slot, self._settings.environment)
        self._settings.farewell()
        self._settings.leave(exit_code(first, 0))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._settings.tick(self._clock.at())

    def _emit(self, event: events.Event) -> None:
        self._settings.listener(self._redactor.redact_event(event))


def _below(folder: Path, root: Path) -> str:
    return str(folder.relative_to(root)) if folder.is_relative_to(root) else str(folder)


def _with_code(result: RunResult, code: int) -> RunResult:
    return RunResult(result.verdict, code, result.seconds, result.suites, result.problems)
