from __future__ import annotations

import pytest

from seatrial.events import Notice, Noticed, Phase, RuntimeChosen, RuntimeReason
from seatrial.model.project import Stage
from seatrial.model.result import Counts, Doubt, Outcome, Problem, TestResult, Verdict
from seatrial.render import text
from seatrial.render.text import (
    assertion_lines,
    counts_text,
    duration,
    notice_text,
    problem_lines,
    runtime_text,
    short_test,
    traceback_lines,
)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (text.VERDICTS, Verdict),
        (text.DOUBTS, Doubt),
        (text.REASONS, RuntimeReason),
        (text.PHASES, Phase),
        (text.WORKING, Phase),
        (text.STAGE_TITLES, Stage),
    ],
)
def test_every_fact_has_words(table: dict[str, str], words: type[Verdict]) -> None:
    assert set(table) == set(words)
    assert all(said or not fact for fact, said in table.items())


@pytest.mark.parametrize("notice", list(Notice))
def test_every_notice_names_its_subject_and_its_detail(notice: Notice) -> None:
    assert "redis" in notice_text(Noticed(0.0, notice, "redis"))
    said = notice_text(Noticed(0.0, notice, "redis", "{d} {s}"))
    assert "{d} {s}" in said


def test_the_runtime_is_told_with_why() -> None:
    chosen = RuntimeChosen(0.0, "process", RuntimeReason.NO_ENGINE, "tried unix:///run/docker.sock")
    assert runtime_text(chosen) == (
        "environments: local processes, no Docker engine runs (tried unix:///run/docker.sock)"
    )


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-0.1, "0.0s"),
        (0.04, "0.0s"),
        (12.34, "12.3s"),
        (59.97, "1m00s"),
        (125, "2m05s"),
        (3725, "1h02m"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("test", "short"),
    [
        ("tests/unit/test_x.py::TestA::test_y", "test_y"),
        ("tests/test_x.py::test_y[a::b > c]", "test_y[a::b > c]"),
        ("src/foo.test.ts > the cart > adds", "adds"),
        ("TestFoo", "TestFoo"),
    ],
)
def test_a_test_is_called_by_its_last_name(test: str, short: str) -> None:
    assert short_test(test) == short


def test_counts_name_failures_first_and_leave_out_what_is_none() -> None:
    assert counts_text(Counts(passed=40, failed=1, skipped=2)) == "1 failed, 40 passed, 2 skipped"
    assert counts_text(Counts()) == "no tests"


def test_a_problem_is_what_where_evidence_and_mend() -> None:
    problem = Problem("no such key", "seatrial.toml:3", "did you mean jobs?", ("jbos = 3", "^^^^"))
    assert problem_lines(problem) == [
        "error: no such key",
        "  --> seatrial.toml:3",
        "  | jbos = 3",
        "  | ^^^^",
        "  help: did you mean jobs?",
    ]


def test_a_traceback_does_not_say_the_message_again() -> None:
    test = TestResult("t", Outcome.FAILED, 0.0, "assert 1 == 2", "> assert f()\nE assert 1 == 2")
    assert assertion_lines(test) == ["assert 1 == 2"]
    assert traceback_lines(test, 10) == ["> assert f()"]


def test_a_test_without_a_message_is_told_by_its_last_line() -> None:
    test = TestResult("t", Outcome.ERROR, 0.0, "", "Traceback\n  KeyError: 'x'\n")
    assert assertion_lines(test) == ["  KeyError: 'x'"]
    assert assertion_lines(TestResult("t", Outcome.ERROR)) == ["(the runner gave no message)"]


def test_a_long_traceback_is_cut_from_the_middle() -> None:
    lines = "\n".join(f"line {n}" for n in range(100))
    cut = traceback_lines(TestResult("t", Outcome.FAILED, 0.0, "no", lines), 9)
    assert len(cut) == 9
    assert (cut[0], cut[3], cut[-1]) == ("line 0", "... 92 more lines ...", "line 99")
