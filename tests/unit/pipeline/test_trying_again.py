"""Whole runs in which tests that fail are tried again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial import events
from seatrial.model.environment import LogLine
from seatrial.model.failed import FailedBefore
from seatrial.model.project import Suite
from seatrial.model.result import Counts, Doubt, Outcome, RunResult, TestResult, Verdict
from seatrial.runners.base import RunnerOptions
from tests.support.fake_runtime import Script
from tests.support.projects import service, unit
from tests.unit.pipeline.test_dispatcher import Bench


def odd(suite: Suite, times: int = 1) -> Suite:
    """Return ``suite`` with a good test and one that fails at first, so many times."""
    mark = "x" * times
    script = (
        f"echo ok good; if [ -e {mark} ]; then echo ok odd; exit 0; fi; "
        'm=x; while [ -e "$m" ]; do m="${m}x"; done; : > "$m"; echo bad odd; exit 1'
    )
    return replace(suite, command=(script,))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def retried(bench: Bench) -> list[events.SuiteRetried]:
    return [event for event in bench.seen if isinstance(event, events.SuiteRetried)]


def test_a_test_that_passes_then_is_marked_and_lets_the_run_go_on(bench: Bench) -> None:
    result = bench.run(bench.plan(odd(unit("a")), service("a"), retries=2))
    assert (result.verdict, result.exit_code) == (Verdict.PASSED, 0)
    first = result.suites[0]
    assert (first.verdict, first.counts, first.failures) == (Verdict.PASSED, Counts(passed=2), ())
    (flaky,) = first.flaky
    assert (flaky.id, flaky.attempts, len(flaky.earlier)) == ("odd", 2, 1)
    assert flaky.again == "seatrial test a -- odd"
    (again,) = retried(bench)
    assert (again.suite, again.attempt, again.tests) == ("unit:a", 2, ("odd",))
    told = [e.result for e in bench.seen if isinstance(e, events.TestFinished)]
    assert [one.outcome for one in told if one.id == "odd"] == [Outcome.FAILED, Outcome.PASSED]
    assert [one.id for one in told].count("good") == 1
    assert bench.verdicts()["service:a"] is Verdict.PASSED


def test_a_test_that_keeps_failing_is_tried_as_often_as_asked(bench: Bench) -> None:
    result = bench.run(bench.plan(odd(unit("a"), 9), service("a"), retries=2))
    assert result.exit_code == 1
    assert [event.attempt for event in retried(bench)] == [2, 3]
    (failure,) = result.suites[0].failures
    assert (failure.attempts, len(failure.earlier)) == (3, 2)
    assert bench.verdicts()["service:a"] is Verdict.NOT_RUN


def test_without_retries_nothing_is_tried_again(bench: Bench) -> None:
    assert bench.run(bench.plan(odd(unit("a")))).exit_code == 1
    assert retried(bench) == []


def test_flaky_tests_fail_the_run_where_that_is_asked_for(bench: Bench) -> None:
    plan = bench.plan(odd(unit("a")), service("a"), retries=1, flaky_fails=True)
    result = bench.run(plan)
    assert (result.verdict, result.exit_code) == (Verdict.FAILED, 1)
    first = result.suites[0]
    assert (first.doubt, first.failures) == (Doubt.FLAKY, ())
    assert [test.id for test in first.flaky] == ["odd"]
    assert bench.verdicts()["service:a"] is Verdict.NOT_RUN


def test_it_happens_in_the_same_environment_and_the_logs_are_those_of_the_first_failure(
    bench: Bench,
) -> None:
    bench.scripts["a"] = Script(logs=(LogLine("database", 2.0, "deadlock detected"),))
    result = bench.run(bench.plan(odd(service("a")), retries=1))
    assert result.exit_code == 0
    assert bench.runtime is not None
    assert bench.runtime.booted == ["a"]
    (logged,) = bench.order(events.ServiceLogged)
    assert isinstance(logged, events.ServiceLogged)
    assert (logged.line, logged.test) == ("deadlock detected", "odd")
    assert bench.seen.index(logged) < bench.seen.index(retried(bench)[0])


def test_the_first_failure_stops_the_run_only_where_it_stays_one(bench: Bench) -> None:
    options = RunnerOptions(first_failure=True)
    plan = bench.plan(odd(unit("a")), odd(unit("b"), 9), unit("c"), jobs=1, runner=options)
    plan = replace(plan, options=replace(plan.options, retries=1))
    bench.run(plan)
    assert bench.verdicts() == {
        "unit:a": Verdict.PASSED,
        "unit:b": Verdict.FAILED,
        "unit:c": Verdict.NOT_RUN,
    }


def hanging(suite: Suite) -> Suite:
    """Return ``suite`` with a test that fails, and hangs when it is tried again."""
    script = "if [ -e x ]; then echo ok early; sleep 1000; fi; touch x; echo bad odd; exit 1"
    return replace(suite, command=(script,))


def test_all_attempts_share_the_time_of_the_suite_and_no_failure_is_lost(bench: Bench) -> None:
    result = bench.run(bench.plan(replace(hanging(unit("a")), timeout=0.5), retries=1))
    assert result.exit_code == 4
    (suite,) = result.suites
    assert suite.verdict is Verdict.DEADLINE
    assert [test.id for test in suite.failures] == ["odd"]


def test_an_interrupt_while_it_tries_again_keeps_the_failure(bench: Bench) -> None:
    async def scenario() -> RunResult:
        run = asyncio.ensure_future(bench.start(bench.plan(hanging(unit("a")), retries=1)))
        await bench.until(lambda: bool(retried(bench)))
        assert bench.dispatcher is not None
        bench.dispatcher.interrupt()
        return await run

    result = asyncio.run(scenario())
    assert (result.verdict, result.exit_code) == (Verdict.INTERRUPTED, 130)
    (suite,) = result.suites
    assert [test.id for test in suite.failures] == ["odd"]
    assert suite.counts == Counts(failed=1)


def test_what_failed_before_and_is_gone_lets_the_whole_suite_run(bench: Bench) -> None:
    """Where the runner finds none of the tests that it was asked for."""
    script = "if [ -e x ]; then echo ok one; else touch x; fi"
    gone = TestResult("gone", Outcome.FAILED)
    suite = replace(unit("a"), command=(script,))
    plan = bench.plan(suite, failed={"unit:a": FailedBefore("r", (gone,))})
    result = bench.run(plan)
    assert (result.exit_code, result.suites[0].counts) == (0, Counts(passed=1))


def test_only_suites_that_failed_run_again(bench: Bench) -> None:
    plan = bench.plan(unit("a"), unit("b"), service("b"), failed={"unit:b": FailedBefore("r")})
    assert [suite.id for suite in plan.suites] == ["unit:b"]
    assert plan.selection(plan.suites[0]) == ""
    some = FailedBefore("r", (TestResult("x", Outcome.FAILED),))
    narrowed = bench.plan(unit("b"), failed={"unit:b": some})
    assert narrowed.selection(narrowed.suites[0]) == "--last-failed"
