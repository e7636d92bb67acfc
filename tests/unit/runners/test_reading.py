"""The reporters' lines, and what becomes of a report that is cut."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.model.result import Counts, Doubt, Outcome, Verdict
from seatrial.runners.base import Collected, Fact, Finished, Started
from seatrial.runners.reading import ReportReader
from seatrial.runners.text import PytestText


def line(t: str, **facts: Any) -> str:
    return json.dumps({"t": t, **facts})


@pytest.fixture
def reader() -> ReportReader:
    return ReportReader(PytestText(), none=5, usage=4)


def feed(reader: ReportReader, *lines: str) -> list[Fact]:
    return [fact for one in lines for fact in reader.report_line(one)]


def test_facts_come_as_they_happen(reader: ReportReader) -> None:
    facts = feed(
        reader,
        line("begin"),
        line("collected", total=1),
        line("start", id="a"),
        line("finish", id="a", outcome="passed", seconds=0.5, phases=[["call", 0.5]]),
        line("end"),
    )
    assert facts[:2] == [Collected(1), Started("a")]
    assert isinstance(facts[2], Finished)
    assert facts[2].result.phases == (("call", 0.5),)
    assert reader.finish(0).verdict is Verdict.PASSED


def test_of_two_results_under_one_id_the_worse_one_stands(reader: ReportReader) -> None:
    finish = [line("finish", id="a", outcome=outcome) for outcome in ("failed", "passed")]
    facts = feed(reader, line("begin"), *finish, line("end"))
    assert len(facts) == 1
    assert reader.finish(1).counts == Counts(failed=1)


def test_two_runners_in_a_chain_add_up(reader: ReportReader) -> None:
    one = [line("begin"), line("collected", total=1), line("finish", id="a", outcome="passed")]
    two = [line("begin"), line("collected", total=2), line("finish", id="b", outcome="passed")]
    assert Collected(3) in feed(reader, *one, line("end"), *two, line("end"))
    ending = reader.finish(0)
    assert (ending.verdict, ending.doubt) == (Verdict.FAILED, Doubt.REPORT_CUT)


def test_output_is_not_believed_once_a_reporter_speaks(reader: ReportReader) -> None:
    feed(reader, line("begin"), line("finish", id="a", outcome="passed"), line("end"))
    reader.output_line("9 failed in 0.1s")
    assert reader.finish(0).counts == Counts(passed=1)


def test_the_tail_is_the_last_output_without_colours(reader: ReportReader) -> None:
    for number in range(1000):
        reader.output_line(f"\x1b[31mline {number}\x1b[0m")
    assert reader.finish(1).tail[-1] == "line 999"
    assert len(reader.finish(1).tail) == 40


@given(st.integers(0, 400))
def test_a_report_cut_anywhere_never_passes(length: int) -> None:
    whole = "\n".join(
        [line("begin"), line("collected", total=2)]
        + [line("finish", id=name, outcome="passed", text="x" * 50) for name in "ab"]
        + [line("end")]
    )
    reader = ReportReader(PytestText())
    for one in whole[: min(length, len(whole) - 1)].split("\n"):
        reader.report_line(one)
    assert reader.finish(0).verdict is not Verdict.PASSED


@given(st.text(max_size=100) | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_any_line_is_survived_and_doubted(text: str) -> None:
    reader = ReportReader(PytestText())
    feed(reader, line("begin"), line("finish", id="a", outcome="passed"), line("end"))
    list(reader.report_line(text))
    verdict = reader.finish(0).verdict
    assert verdict is (Verdict.FAILED if text.strip() else Verdict.PASSED)


def test_an_unhandled_error_is_an_error_of_its_own(reader: ReportReader) -> None:
    facts = feed(reader, line("begin"), line("unhandled", message="late"), line("end"))
    assert isinstance(facts[0], Finished)
    assert facts[0].result.outcome is Outcome.ERROR
    assert reader.finish(1).verdict is Verdict.FAILED
