from __future__ import annotations

import textwrap

from seatrial import events
from seatrial.events import Event, Phase
from seatrial.model.environment import Endpoint
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, TestResult
from seatrial.render.record import Record
from seatrial.render.style import text_of
from seatrial.render.summary import summary_lines

from . import runs
from .runs import planned, started


def record(log: list[Event]) -> Record:
    result = Record()
    for event in log:
        result.take(event)
    return result


def shown(log: list[Event], width: int = 80, ascii: bool = False) -> list[str]:
    return [text_of(spans) for spans in summary_lines(record(log), width, ascii)]


def test_the_summary_of_a_run_with_a_failure() -> None:
    assert "\n".join(shown(runs.three_services(good=False), 100)) == textwrap.dedent(
        f"""
        unit         3 suites      4.7s  1058 passed, 2 skipped
        service      2 suites      3.0s  1 failed, 53 passed
        integration  not run

        slowest        0.31s  price-db  tests/integration/test_prices.py::test_rounding
                       0.17s  orchestrator  tests/service/test_orchestrator.py::test_case_0
                       0.17s  orchestrator  tests/service/test_orchestrator.py::test_case_1
                       0.17s  orchestrator  tests/service/test_orchestrator.py::test_case_2
                       0.17s  orchestrator  tests/service/test_orchestrator.py::test_case_3

        time         sync 0.4s · boot 4.6s · tests 7.7s · teardown 0.6s
                     wall time of each; they overlap

        ✗ service:price-db  tests/integration/test_prices.py::test_rounding  0.31s
            assert 1049 == 1050
                def test_rounding(api):
            >       assert api.get('/prices/7').json()['cents'] == 1050
            tests/integration/test_prices.py:14: AssertionError
            logs since the test began:
              database | ERROR:  numeric field "cents" out of range
              database | STATEMENT:  INSERT INTO x
            again: {runs.AGAIN}

        ✗ failed · 1 of 1114 tests failed in 5 suites · 8.5s · exit 1: tests failed"""
    )


def test_a_unit_test_over_a_second_and_a_service_test_over_five_are_flagged() -> None:
    unit, service = planned(Stage.UNIT, "a"), planned(Stage.SERVICE, "a")
    log: list[Event] = [started(unit, service)]
    for plan, name, seconds in (
        (unit, "slow_unit", 1.2),
        (unit, "good_unit", 0.9),
        (service, "slow_service", 5.2),
        (service, "good_service", 4.8),
    ):
        log.append(events.TestFinished(1.0, plan.id, TestResult(name, Outcome.PASSED, seconds)))
    slow = [text for text in shown(log) if "over" in text]
    assert [text.split()[-1] for text in slow] == ["slow_service", "slow_unit"]
    assert "over 5s" in slow[0]
    assert "over 1s" in slow[1]


def test_the_wall_time_of_phases_that_overlap_is_counted_once() -> None:
    key = "service:a"
    log: list[Event] = [
        events.PhaseFinished(3.0, Phase.BOOT, key, 3.0, key),
        events.PhaseFinished(4.0, Phase.BOOT, "b", 3.0, "b"),
        events.PhaseFinished(9.0, Phase.BOOT, "c", 1.0, "c"),
    ]
    assert record(log).walls() == [("boot", 5.0)]


def test_a_kept_environment_is_told_with_its_addresses() -> None:
    kept = events.EnvironmentKept(
        10.0, "integration", (Endpoint("database", 5432, "localhost", 49153),), {}
    )
    log = runs.three_services()
    lines = shown([*log[:-1], kept, log[-1]])
    at = lines.index("kept: integration")
    assert lines[at + 1] == "  database:5432  localhost:49153"


def test_a_problem_of_an_environment_is_told_once() -> None:
    lines = shown(runs.no_environment())
    assert sum(text.startswith("error: database did not") for text in lines) == 1
    assert "service      no environment" in lines


def test_an_ascii_summary_is_ascii() -> None:
    assert "".join(shown(runs.three_services(good=False), 80, ascii=True)).isascii()
