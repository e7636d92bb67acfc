from __future__ import annotations

import io
from dataclasses import replace

from seatrial import events
from seatrial.events import Event
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, TestResult, Verdict
from seatrial.render.agent import Agent
from seatrial.render.base import replay

from . import runs
from .runs import planned, started


def shown(log: list[Event]) -> list[str]:
    out = io.StringIO()
    replay(log, Agent(out))
    return out.getvalue().splitlines()


def failing(number: int, lines: int = 1) -> list[Event]:
    plan = planned(Stage.SERVICE, "catalog")
    text = "\n".join(f"frame {n}" for n in range(lines))
    failures = tuple(
        TestResult(f"tests/test_x.py::test_{n}", Outcome.FAILED, 0.0, text, text, again=f"run {n}")
        for n in range(number)
    )
    logged: list[Event] = [
        events.ServiceLogged(0.5, plan.environment, "database", f"line {n}", plan.id, failure.id)
        for n in range(lines)
        for failure in failures
    ]
    log: list[Event] = [started(plan), *logged, *runs.suite(plan, 0.0, 1.0, number, failures)]
    return runs.finish(log, [plan], 1, Verdict.FAILED)


def test_three_services_that_pass_are_six_lines() -> None:
    assert shown(runs.three_services()) == [
        "note: unit:admin left out: no node here",
        "environments: Docker, an engine answers (Engine 28.5)",
        "unit: 3 suites, 1058 passed, 2 skipped, 4.7s",
        "service: 2 suites, 54 passed, 3.0s",
        "integration: 1 suite, 9 passed, 2.4s",
        "✓ passed · 1123 tests, 2 skipped in 6 suites · 10.9s",
    ]


def test_sixty_services_full_of_notes_and_slow_tests_pass_in_twelve_lines() -> None:
    log = runs.sixty_services()
    first = log[0]
    noise: list[Event] = [
        events.RuntimeChosen(0.0, "process", events.RuntimeReason.NO_CLI),
        *(events.Noticed(0.0, notice, "x", "y") for notice in events.Notice for _ in range(9)),
        *(
            events.TestFinished(1.0, plan.id, TestResult(f"slow_{n}", Outcome.PASSED, 9.0 + n))
            for n, plan in enumerate(first.suites)  # type: ignore[union-attr]  # RunStarted
        ),
        *(events.SuiteOutput(1.0, "unit:x", "chatter") for _ in range(99)),
    ]
    lines = shown([first, *noise, *log[1:]])
    assert len(lines) <= 12
    assert lines[-1] == "✓ passed · 2405 tests in 121 suites · 19.3s"


def test_a_failure_is_its_id_assertion_traceback_logs_and_command() -> None:
    assert shown(runs.three_services(good=False)) == [
        "✗ service:price-db  tests/integration/test_prices.py::test_rounding  0.31s",
        "    assert 1049 == 1050",
        "        def test_rounding(api):",
        "    >       assert api.get('/prices/7').json()['cents'] == 1050",
        "    tests/integration/test_prices.py:14: AssertionError",
        "    logs since the test began:",
        '      database | ERROR:  numeric field "cents" out of range',
        "      database | STATEMENT:  INSERT INTO x",
        f"    again: {runs.AGAIN}",
        "note: unit:admin left out: no node here",
        "environments: Docker, an engine answers (Engine 28.5)",
        "unit: 3 suites, 1058 passed, 2 skipped, 4.7s",
        "service: 2 suites, 1 failed, 53 passed, 3.0s",
        "integration: not run",
        "✗ failed · 1 of 1114 tests failed in 5 suites · 8.5s · exit 1: tests failed",
    ]


def test_ten_failures_are_told_in_full_and_the_rest_by_name() -> None:
    lines = shown(failing(40))
    assert sum(text.startswith("✗ service:catalog") for text in lines) == 10
    assert "30 more failed:" in lines
    assert "  service:catalog  tests/test_x.py::test_29" in lines
    assert "  and 10 others" in lines


def test_the_whole_is_bounded_whatever_the_tests_print() -> None:
    assert len(shown(failing(500, lines=80))) < 400


def test_a_failure_is_out_before_the_run_ends() -> None:
    out = io.StringIO()
    agent = Agent(out)
    for event in runs.three_services(good=False):
        agent.event(event)
        if isinstance(event, events.SuiteFinished) and event.result.verdict is Verdict.FAILED:
            break
    assert "test_rounding" in out.getvalue()


def test_logs_that_nobody_tagged_are_those_since_the_test_began() -> None:
    log = failing(1)
    untagged: list[Event] = [
        replace(event, at=at, suite="", test="", line=f"said at {at}")
        for event in log
        if isinstance(event, events.ServiceLogged)
        for at in (-1.0, 0.5)
    ]
    rest = [event for event in log if not isinstance(event, events.ServiceLogged)]
    lines = shown([rest[0], *untagged, *rest[1:]])
    assert "      database | said at 0.5" in lines
    assert "      database | said at -1.0" not in lines


def test_an_environment_that_could_not_be_had_keeps_its_mend() -> None:
    assert shown(runs.no_environment()) == [
        "error: database did not become healthy within 120 s",
        "  --> services/catalog/deploy/test/docker-compose.yml:4",
        "  | database | FATAL:  data directory has wrong ownership",
        "  help: see its log below, or raise boot_timeout",
        "unit: 1 suite, 3 passed, 0.5s",
        "service: no environment",
        "✗ no environment · 3 tests in 1 suite · 1.1s · exit 3: the environment could not be had",
    ]
