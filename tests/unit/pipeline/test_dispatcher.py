"""Whole runs over a runtime in memory and a runner that is a real program: ``sh``."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial import events
from seatrial.errors import EnvironmentFailure
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.model.environment import EnvironmentRequest
from seatrial.model.project import Suite
from seatrial.model.result import Counts, Outcome, RunResult, TestResult, Verdict
from seatrial.pipeline.dispatcher import Dispatcher, Tools
from seatrial.planning.plan import Plan, TestOptions, make_plan
from seatrial.runners.base import (
    Collected,
    Ending,
    Fact,
    Finished,
    Invocation,
    RunnerOptions,
    RunPlace,
    Started,
)
from seatrial.runtimes.base import Environment, RunContext
from seatrial.toolchains.base import Toolchain
from tests.support.fake_runtime import FakeRuntime, Script
from tests.support.projects import integration, project, service, unit

COMPOSE = """
services:
  database:
    image: postgres:16
    environment: {POSTGRES_USER: u, POSTGRES_PASSWORD: p, POSTGRES_DB: d}
    ports: ["5432"]
"""


class NoToolchains:
    async def ready(self, folder: Path) -> Toolchain:
        return Toolchain(folder, "none")


class ShellRunner:
    """Runs a suite's command with ``sh``; a line ``ok NAME`` or ``bad NAME`` is a test."""

    name = "shell"

    def invocation(self, suite: Suite, options: RunnerOptions, place: RunPlace) -> Invocation:
        script = (suite.command or ("echo ok one",))[0]
        return Invocation(("sh", "-c", script), suite.folder, {"REPORT": str(place.report)}, script)

    def reader(self, suite: Suite) -> ShellReader:
        return ShellReader()

    def alone(self, suite: Suite, test: TestResult) -> tuple[str, ...]:
        return (test.id,)


class ShellReader:
    def __init__(self) -> None:
        self.results: list[TestResult] = []

    def report_line(self, line: str) -> Iterator[Fact]:
        yield from self.output_line(line)

    def output_line(self, line: str) -> Iterator[Fact]:
        word, _, name = line.partition(" ")
        if word in ("ok", "bad"):
            outcome = Outcome.PASSED if word == "ok" else Outcome.FAILED
            self.results.append(TestResult(name, outcome, started=1.0))
            yield Collected(len(self.results))
            yield Started(name)
            yield Finished(self.results[-1])

    def finish(self, exit_code: int) -> Ending:
        bad = tuple(r for r in self.results if r.outcome is Outcome.FAILED)
        verdict = Verdict.FAILED if bad or exit_code else Verdict.PASSED
        if not self.results:
            verdict = Verdict.NO_TESTS
        counts = Counts(passed=len(self.results) - len(bad), failed=len(bad))
        return Ending(verdict, counts, bad)


class Bench:
    """A run over fakes: set ``scripts``, call ``run``, look at ``seen``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[events.Event] = []
        self.scripts: dict[str, Script] = {}
        self.kept: list[str] = []
        self.runtime: FakeRuntime | None = None
        self.dispatcher: Dispatcher | None = None
        compose = folder / "docker-compose.yml"
        compose.write_text(COMPOSE)
        self.compose = (compose,)

    def plan(self, *suites: Suite, **options: object) -> Plan:
        own = [self._here(suite) for suite in suites]
        return make_plan(project(*own), TestOptions(**{"jobs": 4, **options}))  # type: ignore[arg-type]

    def _here(self, suite: Suite) -> Suite:
        files: tuple[Path, ...] = ()
        if suite.compose:
            name = f"{suite.compose[0].parent.parent.parent.name}.yml"
            files = (self.folder / name,)
            files[0].write_text(COMPOSE)
        return replace(suite, folder=self.folder, runner="shell", compose=files)

    async def start(self, plan: Plan) -> RunResult:
        ledger = Ledger(self.folder / "r.ledger", "r")
        clock = Clock()
        context = RunContext(
            "r",
            Processes(dict(os.environ), ledger),
            ledger,
            clock,
            NoToolchains(),
            self.seen.append,
        )
        self.runtime = FakeRuntime(clock, self.seen.append, self.scripts)
        self.dispatcher = Dispatcher(plan, self._tools(plan, context))
        try:
            return await self.dispatcher.run()
        finally:
            ledger.close(clean=True)

    def _tools(self, plan: Plan, context: RunContext) -> Tools:
        runtime = self.runtime
        assert runtime is not None

        async def chosen() -> FakeRuntime:
            return runtime

        return Tools(
            context=context,
            runtime=chosen,
            runner=lambda name: ShellRunner(),
            requests={e.key: self._request(e.key, e.files) for e in plan.environments},
            scratch=self.folder / "scratch",
            again=lambda suite, words: shlex.join(("seatrial", "test", suite.name, "--", *words)),
            kept=self._keep,
        )

    def _keep(self, environment: Environment) -> None:
        self.kept.append(environment.request.key)

    def _request(self, key: str, files: tuple[Path, ...]) -> EnvironmentRequest:
        return EnvironmentRequest(key, "r", self.folder, files, f"i-{key}", f"p-{key}")

    def run(self, plan: Plan) -> RunResult:
        return asyncio.run(self.start(plan))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the loop turn until the condition holds."""
        while not condition():  # noqa: ASYNC110 -- a condition over many facts, no single event
            await asyncio.sleep(0)

    def verdicts(self) -> dict[str, Verdict]:
        finished = (e for e in self.seen if isinstance(e, events.SuiteFinished))
        return {event.result.suite: event.result.verdict for event in finished}

    def order(self, *kinds: type) -> list[events.Event]:
        return [event for event in self.seen if isinstance(event, kinds)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def failing(suite: Suite) -> Suite:
    return replace(suite, command=("echo bad two; exit 1",))


def test_three_green_stages_end_with_zero_and_nothing_up(bench: Bench) -> None:
    result = bench.run(bench.plan(unit("a"), service("a"), integration()))
    assert (result.verdict, result.exit_code) == (Verdict.PASSED, 0)
    assert [suite.counts.passed for suite in result.suites] == [1, 1, 1]
    assert bench.runtime is not None
    assert bench.runtime.up == set()


def test_the_tests_see_the_addresses_of_their_environment(bench: Bench) -> None:
    asks = replace(service("a"), command=('echo "ok $TEST_DATABASE_URL"',))
    bench.run(bench.plan(asks))
    (started,) = bench.order(events.TestStarted)
    assert isinstance(started, events.TestStarted)
    assert started.test == "postgresql://u:p@127.0.0.1:40000/d"


def test_a_failed_unit_suite_stops_the_stages_after_it(bench: Bench) -> None:
    result = bench.run(bench.plan(failing(unit("a")), service("a"), integration()))
    assert result.exit_code == 1
    assert bench.verdicts() == {
        "unit:a": Verdict.FAILED,
        "service:a": Verdict.NOT_RUN,
        "integration:integration": Verdict.NOT_RUN,
    }


def test_an_environment_that_boots_ahead_is_called_off_when_its_stage_will_not_run(
    bench: Bench,
) -> None:
    bench.scripts["a"] = Script(hold=asyncio.Event())
    result = bench.run(bench.plan(failing(unit("a")), service("a")))
    assert result.exit_code == 1
    assert bench.runtime is not None
    assert bench.runtime.booted == ["a"]
    assert bench.runtime.up == set()


def test_a_later_stage_s_environment_boots_while_the_first_stage_runs(bench: Bench) -> None:
    """The unit suite ends only once the environment is up: they must overlap."""
    flag = bench.folder / "up"

    async def scenario() -> RunResult:
        held = asyncio.Event()
        bench.scripts["a"] = Script(hold=held)
        waits = replace(unit("a"), command=(f"while [ ! -e {flag} ]; do :; done; echo ok one",))
        run = asyncio.ensure_future(bench.start(bench.plan(waits, service("a"))))
        await bench.until(lambda: bench.runtime is not None and "a" in bench.runtime.booted)
        held.set()
        await bench.until(lambda: bool(bench.order(events.EnvironmentReady)))
        flag.touch()
        return await run

    assert asyncio.run(scenario()).exit_code == 0


def test_an_environment_that_fails_costs_only_its_own_suites(bench: Bench) -> None:
    bench.scripts["a"] = Script(error=EnvironmentFailure("database is unhealthy"))
    result = bench.run(bench.plan(service("a"), service("b")))
    assert result.exit_code == 3
    assert bench.verdicts() == {
        "service:a": Verdict.NO_ENVIRONMENT,
        "service:b": Verdict.PASSED,
    }
    assert [problem.what for problem in result.problems] == ["database is unhealthy"]


def test_a_failed_suite_shows_the_logs_since_its_test_and_the_way_to_run_it_alone(
    bench: Bench,
) -> None:
    result = bench.run(bench.plan(failing(service("a"))))
    (log,) = bench.order(events.ServiceLogged)
    assert isinstance(log, events.ServiceLogged)
    assert (log.service, log.line, log.suite, log.test) == (
        "database",
        "database is up",
        "service:a",
        "two",
    )
    assert result.suites[0].failures[0].again == "seatrial test a -- two"


def test_a_suite_that_hangs_is_ended_at_its_deadline_and_says_where_it_was(bench: Bench) -> None:
    hangs = replace(unit("a"), command=("echo started; sleep 1000",), timeout=0.3)
    result = bench.run(bench.plan(hangs))
    assert (result.verdict, result.exit_code) == (Verdict.DEADLINE, 4)
    problem = result.suites[0].problem
    assert problem is not None
    assert problem.what == "unit:a did not end within 0.3 s"
    assert problem.detail == ("started",)


def test_the_deadline_of_the_run_ends_everything(bench: Bench) -> None:
    hangs = replace(unit("a"), command=("sleep 1000",))
    result = bench.run(bench.plan(hangs, service("a"), timeout=0.3))
    assert (result.verdict, result.exit_code) == (Verdict.DEADLINE, 4)
    assert bench.runtime is not None
    assert bench.runtime.up == set()


def test_an_interrupt_ends_what_runs_and_takes_down_what_is_up(bench: Bench) -> None:
    async def scenario() -> RunResult:
        hangs = replace(service("a"), command=("echo ok one; sleep 1000",))
        run = asyncio.ensure_future(bench.start(bench.plan(hangs)))
        await bench.until(lambda: bool(bench.order(events.TestFinished)))
        assert bench.dispatcher is not None
        bench.dispatcher.interrupt()
        return await run

    result = asyncio.run(scenario())
    assert (result.verdict, result.exit_code) == (Verdict.INTERRUPTED, 130)
    assert bench.verdicts() == {"service:a": Verdict.INTERRUPTED}
    assert result.suites[0].counts == Counts(passed=1)
    assert result.suites[0].seconds > 0
    assert bench.runtime is not None
    assert bench.runtime.up == set()


def test_stopping_at_the_first_failure_starts_nothing_more(bench: Bench) -> None:
    options = RunnerOptions(first_failure=True)
    plan = bench.plan(failing(unit("a")), unit("b"), jobs=1, runner=options)
    assert bench.run(plan).exit_code == 1
    assert bench.verdicts() == {"unit:a": Verdict.FAILED, "unit:b": Verdict.NOT_RUN}


def test_keep_leaves_the_environment_up_and_says_where_it_is(bench: Bench) -> None:
    bench.run(bench.plan(service("a"), keep=True))
    assert bench.runtime is not None
    assert (bench.runtime.up, bench.kept) == ({"a"}, ["a"])
    (kept,) = bench.order(events.EnvironmentKept)
    assert isinstance(kept, events.EnvironmentKept)
    assert kept.exports["TEST_DATABASE_PORT"] == "40000"


def test_a_removal_that_fails_is_no_pass(bench: Bench) -> None:
    bench.scripts["a"] = Script(removal=EnvironmentFailure("a network would not go"))
    result = bench.run(bench.plan(service("a")))
    assert result.exit_code == 3
    assert result.problems[0].what == "a network would not go"


def test_no_test_found_anywhere_is_exit_code_five(bench: Bench) -> None:
    empty = replace(unit("a"), command=("true",))
    result = bench.run(bench.plan(empty))
    assert (result.verdict, result.exit_code) == (Verdict.NO_TESTS, 5)


def test_one_suite_without_tests_among_others_is_a_failure(bench: Bench) -> None:
    empty = replace(unit("a"), command=("true",))
    assert bench.run(bench.plan(empty, unit("b"))).exit_code == 1


def test_a_program_that_a_test_left_running_does_not_hold_the_run_up(bench: Bench) -> None:
    leaves = replace(unit("a"), command=("sleep 1000 & echo ok one",))
    assert bench.run(bench.plan(leaves)).exit_code == 0


def test_half_a_character_and_a_line_without_end_do_no_harm(bench: Bench) -> None:
    odd = replace(unit("a"), command=("printf 'ok one\\n\\303'",))
    assert bench.run(bench.plan(odd)).exit_code == 0
    outputs = [e.line for e in bench.seen if isinstance(e, events.SuiteOutput)]
    assert outputs == ["ok one", "\ufffd"]


def test_stages_open_and_close_in_order(bench: Bench) -> None:
    bench.run(bench.plan(unit("a"), service("a"), integration()))
    seen = bench.order(events.StageStarted, events.StageFinished)
    assert [(type(e).__name__, e.stage) for e in seen] == [  # type: ignore[union-attr]
        (kind, stage)
        for stage in ("unit", "service", "integration")
        for kind in ("StageStarted", "StageFinished")
    ]
