"""Carries out one step: a suite, a boot, a set-up command. Decides nothing about other steps."""

from __future__ import annotations

import asyncio
import shlex
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.errors import DeadlinePassed, EnvironmentFailure, SeatrialError
from seatrial.events import (
    Event,
    Phase,
    PhaseFinished,
    PhaseStarted,
    ServiceLogged,
    SuiteOutput,
    SuiteStarted,
    TestFinished,
    TestsCollected,
    TestStarted,
)
from seatrial.host.fifo import Fifo
from seatrial.model.project import Suite
from seatrial.model.result import Problem, SuiteResult, TestResult, Verdict
from seatrial.planning.plan import PlannedEnvironment, TestOptions
from seatrial.runners.base import (
    Collected,
    Ending,
    Fact,
    Invocation,
    Reader,
    Runner,
    RunPlace,
    Started,
)
from seatrial.runtimes.base import Environment, RunContext
from seatrial.toolchains.base import Toolchain

# Seconds that a runner gets to end by itself when it is told to.
GRACE = 2.0
# Log lines of each service that are shown with a failed suite.
LOG_LINES = 20


@dataclass(frozen=True, slots=True)
class SuiteStep:
    """A suite with all that it takes to run it."""

    suite: Suite
    runner: Runner
    environment: Environment | None
    scratch: Path
    options: TestOptions
    again: Callable[[Suite, tuple[str, ...]], str]


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
        result = SuiteResult(step.suite.id, verdict, problem=Problem.of(error))
    if result.verdict is not Verdict.PASSED and step.environment is not None:
        await _tell_logs(step.environment, result, context)
    return replace(result, seconds=context.clock.at() - began)


async def _run(step: SuiteStep, context: RunContext, watch: _Watch) -> SuiteResult:
    suite = step.suite
    toolchain = await context.toolchains.ready(suite.folder)
    step.scratch.mkdir(parents=True, exist_ok=True)
    seen = toolchain.searched(context.processes.merged({**toolchain.env, **suite.env}))
    place = RunPlace(step.scratch / "report", step.scratch, seen)
    invocation = step.runner.invocation(suite, step.options.runner, place)
    context.emit(SuiteStarted(context.clock.at(), suite.id, invocation.display))
    for path, text in invocation.files.items():
        path.touch(0o600)
        path.write_text(text, encoding="utf-8")
    fifo = Fifo(place.report, watch.report_line)
    try:
        code = await _run_program(step, context, invocation, toolchain, watch)
    finally:
        fifo.close()
    ending = watch.reader.finish(code)
    return _result(step, ending, code)


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
    limit = suite.timeout or step.options.suite_timeout
    try:
        async with asyncio.timeout(limit):
            return await child.exited()
    except TimeoutError:
        await child.end(GRACE)
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
        self._suite = step.suite.id
        self._environment = step.environment
        self._context = context
        self._lines: list[str] = []
        self._under_way: dict[str, None] = {}

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
            event = TestsCollected(at, self._suite, fact.total)
        elif isinstance(fact, Started):
            self._under_way[fact.test] = None
            if self._environment is not None:
                self._environment.mark(self._context.clock.wall())
            event = TestStarted(at, self._suite, fact.test)
        else:
            self._under_way.pop(fact.result.id, None)
            event = TestFinished(at, self._suite, fact.result)
        self._context.emit(event)


def _result(step: SuiteStep, ending: Ending, code: int) -> SuiteResult:
    failures = tuple(_with_again(step, test) for test in ending.failures)
    # Of the files of one piece each may be without a test.
    empty = step.suite.piece is not None and ending.verdict is Verdict.NO_TESTS
    return SuiteResult(
        suite=step.suite.id,
        verdict=Verdict.PASSED if empty else ending.verdict,
        counts=ending.counts,
        failures=failures,
        doubt=ending.doubt,
        exit_code=code,
        tail=ending.tail,
        again=failures[0].again if failures else "",
        workers=ending.workers,
        spreads=ending.spreads,
    )


def _cut_short(step: SuiteStep, watch: _Watch) -> SuiteResult:
    ending = watch.reader.finish(-signal.SIGTERM)
    failures = tuple(_with_again(step, test) for test in ending.failures)
    return SuiteResult(step.suite.id, Verdict.CANCELLED, counts=ending.counts, failures=failures)


def _with_again(step: SuiteStep, test: TestResult) -> TestResult:
    words = step.runner.alone(step.suite, test)
    return replace(test, again=step.again(step.suite, words))


async def _tell_logs(environment: Environment, result: SuiteResult, context: RunContext) -> None:
    """Say what the services wrote from the moment in which the first failing test began."""
    first = min((test for test in result.failures if test.started), key=_started, default=None)
    try:
        lines = await environment.logs(first.started if first else None, LOG_LINES)
    except SeatrialError:
        return
    key = environment.request.key
    test = first.id if first else ""
    for line in lines:
        at = context.clock.at()
        context.emit(ServiceLogged(at, key, line.service, line.text, result.suite, test))


def _started(test: TestResult) -> float:
    return test.started


async def run_setup(
    planned: PlannedEnvironment, exports: Mapping[str, str], context: RunContext
) -> None:
    """Run an environment's set-up commands, in order.

    Raises ``EnvironmentFailure`` with the command's last lines where one ends with another code
    than 0.
    """
    for command in planned.setup:
        shown = shlex.join(command.argv)
        began = context.clock.at()
        context.emit(PhaseStarted(began, Phase.SETUP, shown, planned.key))
        toolchain = await context.toolchains.ready(command.folder)
        done = await context.processes.run(
            command.argv,
            cwd=command.folder,
            env={**toolchain.env, **exports},
            timeout=planned.boot_timeout,
        )
        now = context.clock.at()
        context.emit(PhaseFinished(now, Phase.SETUP, shown, now - began, planned.key, done.ok))
        if not done.ok:
            raise EnvironmentFailure(
                f"the set-up command {shown!r} of {planned.key} ended with {done.code}",
                mend="run it by hand with `seatrial test --keep` and `seatrial env`",
                detail=tuple((done.out + done.err).splitlines()[-LOG_LINES:]),
            )
