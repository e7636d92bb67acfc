from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial import events
from seatrial.cli.app import run
from seatrial.events import Event, PlannedSuite
from seatrial.history.log import Log, log_of
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, RunResult, TestResult, Verdict
from tests.unit.history.runs import record

FILE = "services/a/tests/unit/test_a.py"
LAST = "20260109-000000-aaaaaa"


def a_run(name: str, seconds: float) -> list[Event]:
    """A run of one unit test that took so many seconds."""
    plan = PlannedSuite("unit:a", Stage.UNIT, "a", "pytest", folder="services/a")
    phases = (("set-up", 0.0), ("call", seconds), ("teardown", 0.0))
    test = TestResult(
        "tests/unit/test_a.py::test_x", Outcome.PASSED, seconds, phases=phases, file="test_a.py"
    )
    return [
        events.RunStarted(0.0, name, "shop", "/elsewhere", "0.1.0", 1.7e9, 2, (plan,)),
        events.SuiteStarted(0.1, "unit:a", "pytest"),
        events.TestsCollected(0.2, "unit:a", 1),
        events.TestFinished(0.3, "unit:a", test),
        events.RunFinished(4.0, RunResult(Verdict.PASSED, 0, 4.0, ())),
    ]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one test that sleeps, without any run."""
    root = tmp_path / "repo"
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_text("import time\n\n\ndef test_x():\n    time.sleep(2)\n")
    (root / "seatrial.toml").touch()
    (root / ".seatrial").mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return root


def found(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run(["slow", *words, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_without_a_run_the_way_to_one_is_named(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["slow"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no run is recorded here" in said.err
    assert "`seatrial test`" in said.err


def test_the_last_run_is_held_against_those_before_it(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(1, 7):
        record(root / ".seatrial", a_run(f"2026010{number}-000000-aaaaaa", 0.5))
    record(root / ".seatrial", a_run(LAST, 2.1))
    last = found(capsys)
    assert last["run"] == LAST
    assert [test["causes"][0]["line"] for test in last["slow"]] == [5]
    assert [one["runs"] for one in last["outliers"]] == [6]
    first = found(capsys, "20260101-000000-aaaaaa")
    assert (first["slow"], first["outliers"]) == ([], [])


def test_the_configuration_says_what_is_slow(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(root / ".seatrial", a_run(LAST, 2.1))
    (root / "seatrial.toml").write_text('[slow]\nunit = "3s"\n')
    assert run(["slow"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no slow tests"


def test_files_outside_of_the_repository_are_not_read(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(root / ".seatrial", a_run(LAST, 2.1))
    (root / FILE).rename(tmp_path / "test_a.py")
    (root / FILE).symlink_to(tmp_path / "test_a.py")
    assert [test["read"] for test in found(capsys)["slow"]] == [False]


def test_a_record_without_a_beginning_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(log_of(root / ".seatrial", LAST))
    log.append(a_run(LAST, 2.1)[1:])
    log.close()
    assert run(["slow"]) == 2
    assert "has no beginning" in capsys.readouterr().err


def test_a_run_that_is_under_way_is_told_as_far_as_it_came(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(log_of(root / ".seatrial", LAST))
    log.append(a_run(LAST, 2.1)[:-1])
    assert run(["slow"]) == 0
    said = capsys.readouterr()
    assert "tests/unit/test_a.py::test_x" in said.out
    assert "still under way" in said.err
    log.close()
