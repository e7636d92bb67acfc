from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest

from seatrial import events
from seatrial.history.log import Log, Recording, is_live, log_of, logs
from seatrial.render.base import replay
from seatrial.render.choose import Choice, Display
from seatrial.render.make import make
from tests.unit.history.runs import SUITE, a_run

OLDER = sorted((Path(__file__).parent / "recorded").glob("*.jsonl"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return log_of(tmp_path, "20260101-000000-aaaaaa")


def written(path: Path, told: list[events.Event], most_talk: int = 1_000_000) -> list[events.Event]:
    log = Log(path, most_talk)
    log.append(told)
    log.close()
    return list(Recording(path))


def test_what_was_appended_is_read_again(path: Path) -> None:
    told = a_run("r")
    assert written(path, told) == told


def test_only_this_user_may_read_a_log(path: Path) -> None:
    written(path, a_run("r"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_half_a_character_comes_back_as_it_was(path: Path) -> None:
    told: list[events.Event] = [events.SuiteOutput(0.1, SUITE, "na\udcefve \u2028 é")]
    assert written(path, told) == told


def test_a_log_is_live_for_as_long_as_it_is_open(path: Path) -> None:
    log = Log(path)
    assert is_live(path)
    log.close()
    assert not is_live(path)


@pytest.mark.parametrize("cut", [1, 40])
def test_a_last_line_that_was_cut_off_is_no_event(path: Path, cut: int) -> None:
    told = a_run("r")
    written(path, told)
    path.write_bytes(path.read_bytes()[:-cut])
    recording = Recording(path)
    assert list(recording) == told[:-1]
    assert (recording.ended, recording.skipped) == (False, 0)


def test_a_run_that_does_not_stop_talking_keeps_its_verdict(path: Path) -> None:
    talk = [events.SuiteOutput(0.1, SUITE, "x" * 100) for _ in range(50)]
    first, *rest = a_run("r")
    log = Log(path, most_talk=2000)
    for event in (first, *talk, *rest):
        log.append([event])
    log.close()
    recording = Recording(path)
    kept = [event for event in recording if not isinstance(event, events.SuiteOutput)]
    assert kept == [first, *rest]
    assert path.stat().st_size < 2000 + len(talk[0].line) * 2 + 3000
    assert recording.ended


def test_what_another_version_wrote_is_read_as_far_as_it_is_known(path: Path) -> None:
    told = a_run("r")
    lines = [json.loads(events.to_json(event)) for event in told]
    del lines[0]["branch"], lines[0]["commit"]
    lines[1]["mood"] = "calm"
    strangers = (
        {"v": 1, "event": "MoonRose", "at": 0.1},
        {"v": 1, "event": "Noticed", "at": 0.1, "notice": "a-word-of-tomorrow", "subject": "x"},
        {"v": 1, "event": "SuiteStarted", "at": 0.1},
        {"v": 2, "event": "StageStarted", "at": 0.1, "stage": "unit"},
        ["no", "event"],
    )
    path.parent.mkdir()
    path.write_text("".join(f"{json.dumps(line)}\n" for line in (*lines, *strangers)))
    recording = Recording(path)
    first, *rest = recording
    assert isinstance(first, events.RunStarted)
    assert (first.run, first.branch, first.commit) == ("r", "", "")
    assert rest == told[1:]
    assert recording.skipped == len(strangers)


def test_the_newest_log_comes_first(tmp_path: Path) -> None:
    for run in ("20260102-000000-a", "20260103-000000-a", "20260101-000000-a"):
        written(log_of(tmp_path, run), a_run(run))
    assert [path.stem[:8] for path in logs(tmp_path)] == ["20260103", "20260102", "20260101"]


def test_there_is_a_log_of_an_older_version() -> None:
    assert OLDER


@pytest.mark.parametrize("older", OLDER, ids=lambda path: path.stem)
@pytest.mark.parametrize("display", [d for d in Display if d is not Display.AUTO])
def test_a_run_that_an_older_version_recorded_is_shown_by_every_renderer(
    older: Path, display: Display, tmp_path: Path
) -> None:
    recording = Recording(older)
    out, junit = io.StringIO(), tmp_path / "junit.xml"
    replay(recording, make(Choice(display), out, io.StringIO(), junit=junit))
    assert (recording.skipped, recording.ended) == (0, True)
    assert "test_sum_is_off" in out.getvalue()
    assert 'failures="1"' in junit.read_text()
    if display is Display.JSON:
        assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == [
            json.loads(line)["event"] for line in older.read_text().splitlines()
        ]
    else:
        assert "1 of 5 tests failed in 2 suites" in out.getvalue()
