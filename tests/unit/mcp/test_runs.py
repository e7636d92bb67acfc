"""A run's events as an answer: bounded, whole in the text and in the data."""

from __future__ import annotations

from seatrial import events
from seatrial.events import Event, to_json
from seatrial.mcp.runs import RunAnswer, RunReader
from seatrial.mcp.tool import MOST, as_data
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, Problem, RunResult, TestResult, Verdict
from tests.unit.render import runs
from tests.unit.render.runs import planned, started


def read(log: list[Event]) -> RunReader:
    reader = RunReader()
    for event in log:
        reader.take(to_json(event))
    return reader


def failing(number: int, text: str = "no") -> list[Event]:
    plan = planned(Stage.SERVICE, "catalog")
    failures = tuple(
        TestResult(f"test_{n}", Outcome.FAILED, 0.0, text, text, "tests/test_x.py", n + 1)
        for n in range(number)
    )
    log: list[Event] = [started(plan), *runs.suite(plan, 0.0, 1.0, number, failures)]
    return runs.finish(log, [plan], 1, Verdict.FAILED)


def answered(reader: RunReader) -> RunAnswer:
    data = reader.answer(()).data
    assert isinstance(data, RunAnswer)
    return data


def test_a_green_run_is_small_in_both_forms() -> None:
    answer = read(runs.three_services()).answer(())
    assert not answer.failed
    assert isinstance(answer.data, RunAnswer)
    plain = as_data(answer.data)
    assert (plain["v"], plain["verdict"], plain["exit_code"]) == (1, "passed", 0)
    assert [(one["stage"], one["passed"]) for one in plain["stages"]] == [
        ("unit", 1058),
        ("service", 54),
        ("integration", 9),
    ]
    assert "failures" not in plain
    assert answer.text.splitlines()[-1].startswith("✓ passed")


def test_a_failure_has_its_file_from_the_root_and_all_that_the_text_has() -> None:
    reader = read(runs.three_services(good=False))
    (failure,) = answered(reader).failures
    assert failure.suite == "service:price-db"
    assert failure.text in reader.answer(()).text
    assert runs.AGAIN in failure.text


def test_a_hundred_failures_are_ten_in_full_twenty_by_name_and_no_more() -> None:
    reader = read(failing(100, "long " * 5_000))
    data = answered(reader)
    assert len(data.failures) == 10
    assert len(data.more_failures) == 20
    assert max(len(one.text) for one in data.failures) < 2_600
    assert len(reader.answer(()).text) <= MOST + 50


def test_progress_only_grows_and_ends_where_the_run_does() -> None:
    reader = RunReader()
    taken = [reader.take(to_json(event)) for event in runs.three_services()]
    steps = [step for step in taken if step is not None]
    done = [step.done for step in steps]
    assert done == sorted(set(done))
    assert {step.total for step in steps} == {done[-1]}
    assert any(step.text.startswith("unit:") and "passed" in step.text for step in steps)


def test_a_long_suite_tells_each_tenth_and_a_retried_test_counts_once() -> None:
    plan = planned(Stage.SERVICE, "catalog")
    suite = list(runs.suite(plan, 0.0, 1.0, 1000))
    log: list[Event] = [started(plan), *suite[:-1], *suite[2:-1], suite[-1]]
    reader = RunReader()
    steps = [step for event in log if (step := reader.take(to_json(event))) is not None]
    assert [step.text for step in steps[:2]] == [
        "service:catalog: 100 of 1000 tests",
        "service:catalog: 200 of 1000 tests",
    ]
    assert len(steps) == 10
    assert [step.done for step in steps] == sorted({step.done for step in steps})
    assert (steps[-1].done, steps[-1].total) == (1, 2)


def test_a_run_that_was_killed_says_that_it_has_no_end() -> None:
    answer = read(failing(1)[:-1]).answer(["note: the run was killed"])
    assert isinstance(answer.data, RunAnswer)
    assert (answer.data.verdict, answer.data.exit_code) == ("unfinished", None)
    assert len(answer.data.failures) == 1
    assert answer.text.startswith("note: the run was killed")


def test_a_run_without_its_environment_is_a_failed_call_with_what_mends_it() -> None:
    plan = planned(Stage.SERVICE, "catalog")
    problem = Problem("no engine answers", "deploy/test", "start one", ("tried a socket",), 3)
    result = RunResult(Verdict.NO_ENVIRONMENT, 3, 1.0, (), (problem,))
    answer = read([started(plan), events.RunFinished(1.0, result)]).answer(())
    assert answer.failed
    assert isinstance(answer.data, RunAnswer)
    assert as_data(answer.data)["problems"] == [
        {
            "what": "no engine answers",
            "where": "deploy/test",
            "mend": "start one",
            "detail": "tried a socket",
        }
    ]
    assert "help: start one" in answer.text


def test_lines_of_a_newer_version_are_left_out() -> None:
    reader = RunReader()
    for line in ("", "{}", "not JSON", '{"v": 1, "event": "Invented", "at": 1.0}'):
        assert reader.take(line) is None
    assert reader.record.started is None
