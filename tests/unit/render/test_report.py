from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.history.log import Recording
from seatrial.history.model import KILLED, RUNNING, PastRun
from seatrial.model.result import Counts
from seatrial.render.choose import Choice, Display
from seatrial.render.report import recording_lines, report_json, report_lines

PLAIN = Choice(Display.PLAIN)
GOOD = PastRun(
    id="20260102-000000-aaaaaa",
    started=1.7e9,
    seconds=75.2,
    verdict="passed",
    exit_code=0,
    version="0.1.0",
    branch="main",
    commit="0123456789" * 4,
    runtime="docker",
    stages=("unit", "service", "integration"),
    suites=7,
    counts=Counts(passed=40, skipped=2),
)
CUT = PastRun("20260101-000000-aaaaaa", 1.7e9, 0.4, KILLED, stages=("unit",))


@pytest.fixture(autouse=True)
def in_greenwich(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def test_a_list_of_runs_is_a_table() -> None:
    assert report_lines([GOOD, CUT], PLAIN) == [
        "RUN                     STARTED      BRANCH         STAGES  VERDICT  TIME   TESTS",
        "20260102-000000-aaaaaa  11-14 22:13  main 01234567  all     passed   1m15s  "
        "40 passed, 2 skipped",
        "20260101-000000-aaaaaa  11-14 22:13  -              unit    killed   0.4s   no tests",
    ]


def test_only_verdicts_are_coloured() -> None:
    _, passed, killed = report_lines([GOOD, CUT], Choice(Display.PLAIN, colour=True))
    assert "\x1b[32mpassed" in passed
    assert "\x1b[31mkilled" in killed
    assert passed.count("\x1b[") == killed.count("\x1b[") == 2


def test_a_verdict_of_tomorrow_is_shown_as_it_stands() -> None:
    stranger = PastRun("r", 1.7e9, 0.4, "postponed")
    assert "postponed" in report_lines([stranger], PLAIN)[1]


def test_a_branch_without_end_is_cut() -> None:
    long = PastRun("r", 1.7e9, 0.4, RUNNING, branch="b" * 200)
    assert len(report_lines([long], PLAIN)[1]) < 100


def test_json_is_one_object_with_its_version() -> None:
    document = json.loads(report_json([GOOD]))
    assert document["v"] == 1
    (run,) = document["runs"]
    assert run["id"] == GOOD.id
    assert run["stages"] == ["unit", "service", "integration"]
    assert run["counts"]["skipped"] == 2


def test_what_a_recording_lacks_is_told() -> None:
    recording = Recording(Path("r.jsonl"))
    recording.skipped = 1
    assert recording_lines(recording, running=False) == [
        "note: 1 entry of another version of seatrial left out",
        "note: this run was cut short; its last events are missing",
    ]
    recording.skipped = 3
    assert recording_lines(recording, running=True) == [
        "note: 3 entries of another version of seatrial left out",
        "note: this run is still under way",
    ]


def test_of_a_whole_recording_there_is_nothing_more_to_tell() -> None:
    recording = Recording(Path("r.jsonl"))
    recording.ended = True
    assert recording_lines(recording, running=False) == []
