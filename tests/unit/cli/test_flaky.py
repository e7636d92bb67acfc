"""``seatrial report --flaky``, over recorded runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial import events
from seatrial.cli.app import run
from seatrial.events import Event
from seatrial.model.result import Attempt, Outcome, TestResult
from tests.unit.history.runs import SUITE, a_run, record

FIRST, SECOND = "20260101-000000-aaaaaa", "20260102-000000-bbbbbb"
TEST = "tests/test_a.py::test_odd"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The .seatrial folder of a repository."""
    root = tmp_path / "repo"
    (root / "services/a/tests/unit").mkdir(parents=True)
    (root / "seatrial.toml").touch()
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    kept = root / ".seatrial"
    kept.mkdir()
    return kept


def odd(name: str, test: TestResult, inputs: str = "c0ffee") -> list[Event]:
    """Return a run with one more test, which is told again at the end of its suite."""
    told = a_run(name)
    told.insert(1, events.InputsKnown(0.1, inputs))
    told.insert(5, events.TestFinished(0.4, SUITE, test))
    bad = test.outcome is Outcome.FAILED
    again = replace(test, again="seatrial test a -- it")
    for at, event in enumerate(told):
        if isinstance(event, events.SuiteFinished):
            result = replace(
                event.result,
                failures=(again,) if bad else (),
                flaky=(again,) if test.is_flaky else (),
            )
            told[at] = replace(event, result=result)
    return told


def test_a_test_with_both_outcomes_is_told_with_its_last_failure(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(folder, odd(FIRST, TestResult(TEST, Outcome.PASSED)))
    failure = TestResult(TEST, Outcome.FAILED, 0.1, "assert 1 == 2", "", "tests/test_a.py", 7)
    record(folder, odd(SECOND, failure))
    assert run(["report", "--flaky"]) == 0
    said = capsys.readouterr().out
    assert f"{SUITE}  {TEST}" in said
    assert "failed in 1 of 2 runs" in said
    assert f"runs: {SECOND}" in said
    assert "tests/test_a.py:7" in said
    assert "assert 1 == 2" in said
    assert "again: seatrial test a -- it" in said
    assert said.splitlines()[-1] == "1 flaky test"


def test_a_test_that_passed_when_tried_again_is_told_with_its_first_failure(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = (Attempt(Outcome.FAILED, 0.1, "the first time", "E", "tests/test_a.py", 9),)
    record(folder, odd(FIRST, TestResult(TEST, Outcome.PASSED, attempts=2, earlier=earlier)))
    assert run(["report", "--flaky", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["flaky"]
    assert (found["test"], found["ran"], found["failed"], found["retried"]) == (TEST, 1, 0, 1)
    assert found["runs"] == [FIRST]
    assert (found["failure"]["message"], found["failure"]["line"]) == ("the first time", 9)


def test_nothing_flaky_is_said_in_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (FIRST, SECOND):
        record(folder, a_run(name))
    assert run(["report", "--flaky"]) == 0
    assert capsys.readouterr().out.startswith("no test both passed and failed")


def test_the_page_of_a_run_lists_them(folder: Path, tmp_path: Path) -> None:
    record(folder, odd(FIRST, TestResult(TEST, Outcome.PASSED)))
    record(folder, odd(SECOND, TestResult(TEST, Outcome.FAILED, message="assert 1 == 2")))
    page = tmp_path / "report.html"
    assert run(["report", "--html", str(page)]) == 0
    text = page.read_text()
    assert "Flaky over the recorded runs" in text
    assert "failed in 1 of 2 runs" in text


@pytest.mark.parametrize("words", [["last"], ["-v"], ["--html", "x.html"]])
def test_it_is_about_all_runs(
    folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    record(folder, a_run(FIRST))
    assert run(["report", "--flaky", *words]) == 2
    assert "--flaky is about all runs" in capsys.readouterr().err
