"""What every output shows of a test that passed only when it was tried again."""

from __future__ import annotations

import io
from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest

from seatrial import events
from seatrial.events import Event
from seatrial.model.project import Stage
from seatrial.model.result import Attempt, Counts, Doubt, Outcome, SuiteResult, TestResult, Verdict
from seatrial.render.agent import Agent
from seatrial.render.annotations import annotation_lines
from seatrial.render.base import replay
from seatrial.render.board import Board, reduce
from seatrial.render.frame import frame
from seatrial.render.html.markup import html
from seatrial.render.html.page import page_of
from seatrial.render.json_lines import JsonLines
from seatrial.render.junit import document
from seatrial.render.passing import Passing
from seatrial.render.plain import Plain
from seatrial.render.record import Record
from seatrial.render.style import text_of
from tests.unit.render.test_junit import assert_shape

from . import runs
from .runs import planned, started

PLAN = planned(Stage.SERVICE, "catalog")
FIRST = Attempt(
    Outcome.FAILED,
    0.3,
    "assert 1 == 2",
    "  assert 1 == 2\ntests/test_x.py:14",
    "tests/test_x.py",
    14,
)
SECOND = Attempt(Outcome.ERROR, 0.3, "connection refused", "refused", "tests/test_x.py", 9)
FLAKY = TestResult(
    *("tests/test_x.py::test_odd", Outcome.PASSED, 0.1),
    file="tests/test_x.py",
    line=3,
    attempts=3,
    again="seatrial test catalog -- it",
    earlier=(FIRST, SECOND),
)


def log(verdict: Verdict = Verdict.PASSED, doubt: Doubt = Doubt.NONE) -> list[Event]:
    """A suite of two tests, one of them flaky."""
    good = TestResult("tests/test_x.py::test_good", Outcome.PASSED, 0.1)
    bad = replace(FLAKY, outcome=Outcome.FAILED, attempts=1, earlier=(), message=FIRST.message)
    result = SuiteResult(
        PLAN.id, verdict, 1.0, Counts(passed=2), doubt=doubt, exit_code=0, flaky=(FLAKY,)
    )
    told: list[Event] = [
        started(PLAN),
        events.SuiteStarted(0.1, PLAN.id, "pytest"),
        events.TestsCollected(0.1, PLAN.id, 2),
        events.TestFinished(0.2, PLAN.id, good),
        events.TestFinished(0.3, PLAN.id, bad),
        events.ServiceLogged(0.4, PLAN.environment, "database", "deadlock", PLAN.id, FLAKY.id),
        events.SuiteRetried(0.5, PLAN.id, 2, (FLAKY.id,), "pytest"),
        events.TestStarted(0.5, PLAN.id, FLAKY.id),
        events.TestFinished(0.9, PLAN.id, FLAKY),
        events.SuiteFinished(1.0, result),
    ]
    return runs.finish(told, [PLAN], 0 if verdict is Verdict.PASSED else 1, verdict)


def record(told: list[Event]) -> Record:
    made = Record()
    for event in told:
        made.take(event)
    return made


def plain(told: list[Event]) -> str:
    out = io.StringIO()
    replay(told, Plain(out, io.StringIO()))
    return out.getvalue()


def test_plain_tells_it_with_the_first_failure_and_counts_it() -> None:
    said = plain(log())
    assert "≈ service:catalog  2 passed (1 flaky)" in said
    assert (
        "≈ service:catalog  tests/test_x.py::test_odd  failed 2 times, passed in attempt 3" in said
    )
    assert "    assert 1 == 2\n" in said
    assert "    attempt 2: connection refused\n" in said
    assert "database | deadlock" in said
    assert "again: seatrial test catalog -- it" in said
    assert said.splitlines()[-1].startswith("✓ passed · 2 tests, 1 flaky in 1 suite")


@pytest.mark.parametrize("width", [40, 60, 100])
def test_the_live_display_says_that_tests_are_tried_again_and_which_attempt_it_is(
    width: int,
) -> None:
    board = Board()
    for event in log()[:-3]:
        board = reduce(board, event)
    (row,) = [text_of(one) for one in frame(board, 0.6, width, 40) if "attempt" in text_of(one)]
    assert ("attempt 2, 1 test" if width > 40 else "attempt 2, ") in row
    assert "100%" not in row
    everything = reduce(board, events.SuiteRetried(0.6, PLAN.id, 3, (), "check"))
    assert any("attempt 3, all" in text_of(one) for one in frame(everything, 0.6, width, 40))


def test_a_run_that_flaky_tests_fail_says_why() -> None:
    said = plain(log(Verdict.FAILED, Doubt.FLAKY))
    assert "passed only when they were tried again count as failed" in said
    assert "≈ service:catalog  tests/test_x.py::test_odd" in said


def test_a_failure_says_how_often_it_was_tried() -> None:
    test = replace(FLAKY, outcome=Outcome.FAILED, message="the last")
    told = [started(PLAN), *runs.suite(PLAN, 0.0, 1.0, 1, (test,))]
    assert "failed 3 times" in plain(runs.finish(told, [PLAN], 1, Verdict.FAILED))


def test_the_agent_reads_it_in_a_few_lines() -> None:
    out = io.StringIO()
    replay(log(), Agent(out))
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("≈ service:catalog  tests/test_x.py::test_odd  failed 2 times")
    assert "    assert 1 == 2" in lines
    assert any("1 suite, 2 passed (1 flaky)" in line for line in lines)
    assert len(lines) <= 12


def test_the_agent_is_not_drowned_in_flaky_tests() -> None:
    many = tuple(replace(FLAKY, id=f"test_{n}") for n in range(60))
    result = SuiteResult(PLAN.id, Verdict.PASSED, 1.0, Counts(passed=60), flaky=many)
    told: list[Event] = [
        started(PLAN),
        events.SuiteStarted(0.1, PLAN.id, "pytest"),
        events.SuiteFinished(1.0, result),
    ]
    out = io.StringIO()
    replay(runs.finish(told, [PLAN]), Agent(out))
    said = out.getvalue()
    assert "57 more flaky:" in said
    assert "and 37 others" in said
    assert len(said.splitlines()) < 60


def test_the_live_board_counts_it_once_and_marks_its_suite() -> None:
    board = Board()
    shown = []
    for event in log()[:-1]:
        board = reduce(board, event)
        shown.append(board)
    row = board.suites[PLAN.id]
    assert (row.done, row.total, row.bad) == (2, 2, frozenset())
    assert shown[4].suites[PLAN.id].bad == {FLAKY.id}
    drawn = "\n".join(text_of(line) for line in frame(board, 2.0, 80, 24))
    assert "≈ catalog" in drawn
    assert "2/2 · 1 flaky" in drawn


def test_live_says_so_when_it_passes() -> None:
    passing = Passing(ascii=False, verbose=False)
    made = Record()
    said = []
    for event in log():
        made.take(event)
        said += [text_of(line) for line in passing.lines(event, made)]
    assert "≈ service:catalog  tests/test_x.py::test_odd  flaky: failed 2 times" in "\n".join(said)


def test_junit_has_it_as_surefire_writes_it() -> None:
    root = Xml.fromstring(document(record(log())))
    assert_shape(root)
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    case = next(one for one in root.iter("testcase") if one.get("name") == "test_odd")
    assert [child.tag for child in case] == ["flakyFailure", "flakyError", "system-out"]
    assert case[0].get("message") == "assert 1 == 2"
    assert "tests/test_x.py:14" in case[0].findtext("stackTrace", "")
    assert "deadlock" in case.findtext("system-out", "")


def test_junit_tells_every_attempt_of_a_test_that_keeps_failing() -> None:
    test = replace(FLAKY, outcome=Outcome.FAILED, message="the last", text="last")
    told = [started(PLAN), *runs.suite(PLAN, 0.0, 1.0, 1, (test,))]
    root = Xml.fromstring(document(record(runs.finish(told, [PLAN], 1, Verdict.FAILED))))
    assert_shape(root)
    case = next(one for one in root.iter("testcase") if one.get("name") == "test_odd")
    tags = ["failure", "rerunError", "rerunFailure"]
    assert [child.tag for child in case if child.tag != "system-out"] == tags
    assert [case[at].get("message") for at in range(3)] == [
        "assert 1 == 2",
        "connection refused",
        "the last",
    ]


def test_ci_gets_a_warning_at_the_line_of_the_first_failure() -> None:
    (warning,) = [one for one in annotation_lines(record(log())) if one.startswith("::warning")]
    assert "file=services/catalog/tests/test_x.py,line=14" in warning
    assert "flaky: failed 2 times, passed in attempt 3%0Aassert 1 == 2" in warning


def test_json_lines_hold_all_attempts() -> None:
    out = io.StringIO()
    replay(log(), JsonLines(out))
    told = [events.from_json(line) for line in out.getvalue().splitlines()]
    assert told == log()


def test_the_page_shows_it_apart_from_failures() -> None:
    page = html(page_of(log(), ()))
    assert '<h2 id="flaky">Flaky tests</h2>' in page
    assert "assert 1 == 2" in page
    assert "1 suite · 2 passed (1 flaky) · " in page
    assert 'id="failures"' not in page
