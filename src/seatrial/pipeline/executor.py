"""Runs one suite to its verdict, its failed tests again where that is asked for."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from seatrial.composefile.apart import Apart
from seatrial.errors import DeadlinePassed, SeatrialError
from seatrial.events import (
    Event,
    SuiteOutput,
    SuiteRetried,
    SuiteStarted,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from seatrial.host.fifo import Fifo
from seatrial.model.project import Suite
from seatrial.model.result import Doubt, Outcome, Problem, SuiteResult, TestResult, Verdict
from seatrial.pipeline.databases import Tables, own_databases
from seatrial.pipeline.logs import LOG_LINES, tell_logs
from seatrial.pipeline.retries import Tried
from seatrial.planning.plan import TestOptions
from seatrial.runners.base import (
    Collected,
    Ending,
    Fact,
    Invocation,
    Reader,
    Runner,
    RunnerOptions,
    RunPlace,
    Started,
)
from seatrial.runtimes.base import Environment, RunContext
from seatrial.toolchains.base import Toolchain

# Seconds that a runner gets to end by itself when it is told to.
GRACE = 2.0


@dataclass(frozen=True, slots=True)
class SuiteStep:
    """A suite with all that it takes to run it; ``apart`` is what its workers have a part of."""

    suite: Suite
    runner: Runner
    environment: Environment | None
    scratch: Path
    options: TestOptions
    again: Callable[[Suite, tuple[str, ...]], str]
    apart: Apart | None = None

    @property
    def runner_options(self) -> RunnerOptions:
        """Return what the runner is asked for at first."""
        options = self.options.runner
        only = self.options.failed[self.suite.id].tests if self.options.failed else ()
        if self.options.retries:
            # A failure that stops the others would leave them untried where the retry passes.
            options = replace(options, first_failure=False, keep_going=True)
        return replace(options, only=only)


async def run_suite(step: SuiteStep, context: RunContext) -> SuiteResult:
    """Run a suite to its verdict. Never raises.

    Cancellation ends the runner; what is known by then comes back as ``CANCELLED``.
    """
    began = context.clock.at()
    watch = _Watch(step, context)
    try:
        result = await _run(step, context, watch)
    except asyncio.CancelledError:
        result = _cut_short(step, watch)
        return replace(result, seconds=context.clock.at() - began)
    except SeatrialError as error:
        verdict = Verdict.DEADLINE if isinstance(error, DeadlinePassed) else Verdict.FAILED
        known = watch.tried and _result(step, watch.tried.ending)
        result = known or SuiteResult(step.suite.id, verdict)
        result = replace(result, verdict=verdict, problem=Problem.of(error))
    if result.verdict is not Verdict.PASSED and not watch.told_logs:
        await tell_logs(step.environment, step.suite.id, result.failures, context)
    return replace(result, seconds=context.clock.at() - began)


async def _run(step: SuiteStep, context: RunContext, watch: _Watch) -> SuiteResult:
    toolchain = await context.toolchains.ready(step.suite.folder)
    start = partial(_start, step, context, toolchain, watch)
    options = step.runner_options
    watch.begin_clock(step.suite.timeout or step.options.suite_timeout)
    async with _databases(step) as tables:
        ending, code = await start(options, step.scratch, tables)
    narrowed = options.keyword or options.arguments
    if options.only and ending.verdict is Verdict.NO_TESTS and not narrowed:
        # What failed has other names by now, or is gone: better all tests than none.
        watch.reader = step.runner.reader(step.suite)
        ending, code = await start(replace(options, only=()), step.scratch)
    tried = watch.tried = Tried(ending, watch.outcomes)
    while tried.may_pass and tried.attempts <= step.options.retries:
        if not watch.told_logs:
            # The next attempt's would hide them.
            watch.told_logs = True
            await tell_logs(step.environment, step.suite.id, tried.only, context)
        tried.begin()
        watch.reader = step.runner.reader(step.suite)
        again = replace(options, only=tried.only)
        began = context.clock.at()
        ending, code = await start(again, step.scratch / f"attempt-{tried.attempts}")
        if whole := tried.end(ending, context.clock.at() - began):
            context.emit(TestFinished(context.clock.at(), step.suite.id, whole))
    return _result(step, tried.ending, code)


def _databases(step: SuiteStep) -> AbstractAsyncContextManager[Tables]:
    """Return what lends each worker of a suite its databases; nothing where there is no need."""
    if step.environment is None or step.apart is None:
        return nullcontext(())
    return own_databases(step.environment, step.apart, step.suite.workers)


async def _start(
    step: SuiteStep,
    context: RunContext,
    toolchain: Toolchain,
    watch: _Watch,
    options: RunnerOptions,
    scratch: Path,
    tables: Tables = (),
) -> tuple[Ending, int]:
    """Start the runner and wait for its end; return what it said and its exit code."""
    suite, tried = step.suite, watch.tried
    scratch.mkdir(parents=True, exist_ok=True)
    seen = toolchain.searched(context.processes.merged({**toolchain.env, **suite.env}))
    place = RunPlace(scratch / "report", scratch, seen, tables)
    invocation = step.runner.invocation(suite, options, place)
    at = context.clock.at()
    if tried is None:
        context.emit(SuiteStarted(at, suite.id, invocation.display))
    else:
        tests = tuple(test.id for test in tried.only)
        context.emit(SuiteRetried(at, suite.id, tried.attempts, tests, invocation.display))
    for path, text in invocation.files.items():
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")
    fifo = Fifo(place.report, watch.report_line)
    try:
        code = await _run_program(step, context, invocation, toolchain, watch)
    finally:
        fifo.close()
    return watch.reader.finish(code), code


async def _run_program(
    step: SuiteStep,
    context: RunContext,
    invocation: Invocation,
    toolchain: Toolchain,
    watch: _Watch,
) -> int:
    suite = step.suite
    exports = step.environment.exports if step.environment else {}
    env = {**toolchain.env, **exports, **suite.env}
    if toolchain.search:
        env = toolchain.searched(context.processes.merged(env))
    child = await context.processes.start(
        invocation.argv,
        cwd=invocation.cwd,
        env={**env, **invocation.env},
        on_line=watch.output_line,
        note=suite.id,
    )
    try:
        async with asyncio.timeout_at(watch.deadline):
            return await child.exited()
    except TimeoutError:
        await child.end(GRACE)
        limit = suite.timeout or step.options.suite_timeout or 0.0
        raise DeadlinePassed(
            f"{suite.id} did not end within {limit:g} s",
            mend="raise its timeout in seatrial.toml, or find the test that hangs",
            detail=watch.last_lines(),
        ) from None
    finally:
        # What a suite leaves running would hold ports and pipes of the next one.
        await asyncio.shield(child.end(GRACE))
        context.processes.forget(child)


class _Watch:
    """Turns a runner's lines into events."""

    def __init__(self, step: SuiteStep, context: RunContext) -> None:
        self.reader: Reader = step.runner.reader(step.suite)
        self.tried: Tried | None = None
        self.outcomes: dict[str, Outcome] = {}
        self.deadline: float | None = None
        self.told_logs = False
        self._suite = step.suite.id
        self._environment = step.environment
        self._context = context
        self._lines: list[str] = []
        self._under_way: dict[str, None] = {}

    def begin_clock(self, seconds: float | None) -> None:
        """Let the suite's time begin; all of its attempts share it."""
        self.deadline = asyncio.get_running_loop().time() + seconds if seconds else None

    def report_line(self, line: str) -> None:
        for fact in self.reader.report_line(line):
            self._tell(fact)

    def output_line(self, line: str) -> None:
        self._context.emit(SuiteOutput(self._context.clock.at(), self._suite, line))
        self._lines = [*self._lines[-LOG_LINES:], line]
        for fact in self.reader.output_line(line):
            self._tell(fact)

    def last_lines(self) -> tuple[str, ...]:
        running = tuple(f"running: {test}" for test in self._under_way)
        return (*self._lines, *running)

    def _tell(self, fact: Fact) -> None:
        at = self._context.clock.at()
        event: Event
        if isinstance(fact, Collected):
            if self.tried is not None:
                return
            event = TestsCollected(at, self._suite, fact.total, fact.lines)
        elif isinstance(fact, Started):
            self._under_way[fact.test] = None
            if self._environment is not None:
                self._environment.mark(self._context.clock.wall())
            event = TestStarted(at, self._suite, fact.test)
        else:
            self._under_way.pop(fact.result.id, None)
            result = self.tried.take(fact.result) if self.tried else fact.result
            if result is None:
                return
            self.outcomes[result.id] = result.outcome
            event = TestFinished(at, self._suite, result)
        self._context.emit(event)


def _result(step: SuiteStep, ending: Ending, code: int | None = None) -> SuiteResult:
    failures = tuple(_with_again(step, test) for test in ending.failures)
    # Of the files of one piece each may be without a test.
    empty = step.suite.piece is not None and ending.verdict is Verdict.NO_TESTS
    verdict, doubt = Verdict.PASSED if empty else ending.verdict, ending.doubt
    flaky = tuple(_with_again(step, test) for test in ending.flaky)
    if flaky and verdict is Verdict.PASSED and step.options.flaky_fails:
        verdict, doubt = Verdict.FAILED, Doubt.FLAKY
    return SuiteResult(
        suite=step.suite.id,
        verdict=verdict,
        counts=ending.counts,
        failures=failures,
        doubt=doubt,
        exit_code=code,
        tail=ending.tail,
        again=failures[0].again if failures else "",
        workers=ending.workers,
        spreads=ending.spreads,
        flaky=flaky,
    )


def _cut_short(step: SuiteStep, watch: _Watch) -> SuiteResult:
    ending = watch.tried.ending if watch.tried else watch.reader.finish(-signal.SIGTERM)
    known = _result(step, ending)
    return SuiteResult(
        suite=step.suite.id,
        verdict=Verdict.CANCELLED,
        counts=known.counts,
        failures=known.failures,
        flaky=known.flaky,
    )


def _with_again(step: SuiteStep, test: TestResult) -> TestResult:
    words = step.runner.alone(step.suite, test)
    return replace(test, again=step.again(step.suite, words))
