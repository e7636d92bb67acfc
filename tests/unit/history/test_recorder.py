from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from seatrial import events
from seatrial.events import Notice
from seatrial.history.log import Recording, is_live, log_of
from seatrial.history.recorder import Recorder
from seatrial.history.store import FILE, use
from tests.unit.history.runs import Heard, a_run, record

RUN = "20260101-000000-aaaaaa"


def test_the_display_hears_all_and_the_log_holds_the_same(tmp_path: Path) -> None:
    told = a_run(RUN)
    heard = record(tmp_path, told)
    assert heard.events == told
    assert heard.closed == 1
    assert list(Recording(log_of(tmp_path, RUN))) == told


def test_a_run_that_has_ended_has_its_rows(tmp_path: Path) -> None:
    record(tmp_path, a_run(RUN))
    (run,) = use(tmp_path, lambda store: store.runs(9)).value
    assert (run.id, run.verdict, run.exit_code, run.counts.failed) == (RUN, "failed", 1, 1)


def test_what_is_told_is_on_the_disk_at_the_next_tick(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, Heard())
    first, second, *_ = a_run(RUN)
    log = log_of(tmp_path, RUN)
    recorder.event(first)
    assert list(Recording(log)) == [first]
    recorder.event(second)
    recorder.tick(0.1)
    assert list(Recording(log)) == [first, second]
    assert is_live(log)
    recorder.close()
    assert not is_live(log)


def test_without_a_run_nothing_is_written(tmp_path: Path) -> None:
    record(tmp_path / "state", [])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_one_notice(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.touch()
    told = a_run(RUN)
    heard = record(folder, told)
    (notice,) = heard.notices
    assert (notice.notice, notice.subject) == (Notice.NOT_RECORDED, str(folder))
    # The first event of a run stays the first, the last one the last.
    assert heard.events == [told[0], notice, *told[1:]]


def test_a_disk_that_fills_up_is_one_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *rest = a_run(RUN)
    heard = Heard()
    recorder = Recorder(tmp_path, heard)
    recorder.event(first)

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    recorder.event(second)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        recorder.tick(0.1)
    for event in rest:
        recorder.event(event)
    recorder.close()
    (notice,) = heard.notices
    assert "No space left" in notice.detail
    assert heard.events[-1] == rest[-1]


def test_a_database_that_cannot_be_is_one_notice_before_the_last_event(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    told = a_run(RUN)
    heard = record(tmp_path, told)
    assert [notice.notice for notice in heard.notices] == [Notice.NOT_RECORDED]
    assert heard.events[-1] == told[-1]
    assert list(Recording(log_of(tmp_path, RUN))) == told


def test_a_spoilt_database_is_told_of(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"nothing that SQLite knows" * 400)
    heard = record(tmp_path, a_run(RUN))
    (notice,) = heard.notices
    assert (notice.notice, notice.detail) == (Notice.HISTORY_SPOILT, f"{FILE}.corrupt-1")


def test_a_mistake_of_our_own_costs_no_run_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seatrial.history.store.use", lambda *_: 1 / 0)
    told = a_run(RUN)
    heard = record(tmp_path, told)
    assert isinstance(heard.events[-1], events.RunFinished)
    assert [notice.notice for notice in heard.notices] == [Notice.NOT_RECORDED]
