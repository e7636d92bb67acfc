"""How late runs of suites ran: with how many workers, and how they ended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from seatrial import events
from seatrial.events import Event
from seatrial.history.model import SuiteRun
from seatrial.history.spread import runs_of_suites
from seatrial.history.store import FILE
from seatrial.model.result import Verdict
from tests.unit.history.runs import SUITE, a_run, record


def run_of(
    day: int,
    verdict: Verdict = Verdict.PASSED,
    *,
    asked: int = 0,
    workers: int = 0,
    selection: str = "",
) -> list[Event]:
    """Return a run of one suite of two tests, on inputs that are named after the day."""
    told = a_run(f"202601{day:02}-000000-a")
    started, last = told[0], told[-1]
    assert isinstance(started, events.RunStarted)
    assert isinstance(last, events.RunFinished)
    plan = replace(started.suites[0], selection=selection, workers=asked)
    result = replace(
        last.result.suites[0], verdict=verdict, seconds=day, workers=workers, spreads=True
    )
    return [
        replace(started, suites=(plan,)),
        events.InputsKnown(0.0, f"day {day}"),
        events.SuiteFinished(1.2, result),
        replace(last, result=replace(last.result, suites=(result,))),
    ]


def test_whole_runs_are_told_the_newest_first(tmp_path: Path) -> None:
    record(tmp_path, run_of(1))
    record(tmp_path, run_of(2, asked=2, workers=2))
    record(tmp_path, run_of(3, Verdict.FAILED, asked=2, workers=3))
    assert runs_of_suites(tmp_path, {SUITE}) == {
        SUITE: [
            SuiteRun(2, 3, True, False, 3.0, 2, "day 3"),
            SuiteRun(2, 2, True, True, 2.0, 2, "day 2"),
            SuiteRun(0, 0, True, True, 1.0, 2, "day 1"),
        ]
    }


def test_what_was_narrowed_or_cut_short_is_not_told(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, selection="-k smoke"))
    record(tmp_path, run_of(2, selection="--shard 1/2"))
    record(tmp_path, run_of(3, Verdict.INTERRUPTED))
    record(tmp_path, run_of(4, Verdict.DEADLINE))
    assert runs_of_suites(tmp_path, {SUITE}) == {}


def test_other_suites_are_not_told(tmp_path: Path) -> None:
    record(tmp_path, run_of(1))
    assert runs_of_suites(tmp_path, {"unit:b"}) == {}


def test_a_history_that_is_missing_old_or_spoilt_tells_nothing(tmp_path: Path) -> None:
    assert runs_of_suites(tmp_path, {SUITE}) == {}
    record(tmp_path, run_of(1))
    with closing(sqlite3.connect(tmp_path / FILE)) as store:
        store.execute("PRAGMA user_version = 1")
    assert runs_of_suites(tmp_path, {SUITE}) == {}
    (tmp_path / FILE).write_text("no database")
    assert runs_of_suites(tmp_path, {SUITE}) == {}
