"""How long single tests took, and what came on top of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial import events
from seatrial.errors import EnvironmentFailure
from seatrial.events import Event
from seatrial.history.expected import Shared, expected
from seatrial.history.store import FILE
from seatrial.history.times import Times, times_of_tests
from seatrial.model.result import Outcome, TestResult, Verdict
from tests.unit.history.runs import SUITE, a_run, record


def run_of(
    day: int, tests: Mapping[str, float], seconds: float, *, selection: str = "", workers: int = 0
) -> list[Event]:
    """Return a run of one suite that passed in ``seconds``."""
    told = a_run(f"202601{day:02}-000000-a")
    started, last = told[0], told[-1]
    assert isinstance(started, events.RunStarted)
    assert isinstance(last, events.RunFinished)
    plan = replace(started.suites[0], selection=selection)
    result = replace(
        last.result.suites[0], verdict=Verdict.PASSED, seconds=seconds, workers=workers
    )
    return [
        replace(started, suites=(plan,)),
        *(
            events.TestFinished(0.3, SUITE, TestResult(test, Outcome.PASSED, taken))
            for test, taken in tests.items()
        ),
        events.SuiteFinished(1.2, result),
        replace(last, result=replace(last.result, suites=(result,))),
    ]


def test_each_test_counts_with_the_median_of_its_newest_runs(tmp_path: Path) -> None:
    for day in range(1, 11):
        record(tmp_path, run_of(day, {"a": 99.0 if day < 6 else float(day)}, 100.0))
    assert times_of_tests(tmp_path, [SUITE]) == {SUITE: Times({"a": 8.0}, 92.0)}


def test_pieces_of_several_shards_together_know_all_tests(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, {"a": 2.0}, 3.0, selection="--shard 1/2"))
    record(tmp_path, run_of(2, {"b": 4.0}, 5.0, selection="--shard 2/2"))
    assert times_of_tests(tmp_path, [SUITE]) == {SUITE: Times({"a": 2.0, "b": 4.0}, 1.0)}
    assert expected(tmp_path).suites == {}


def test_a_run_with_workers_tells_nothing_of_what_comes_on_top(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, {"a": 2.0, "b": 2.0}, 5.0))
    record(tmp_path, run_of(2, {"a": 2.0, "b": 2.0}, 3.0, workers=2))
    assert times_of_tests(tmp_path, [SUITE])[SUITE].overhead == 1.0


def test_a_piece_at_the_commit_that_is_split_changes_nothing(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, {"a": 2.0}, 3.0, selection="--shard 1/2"))
    here = Shared(frozenset({SUITE}), "a" * 40)
    expected(tmp_path, here)
    assert times_of_tests(tmp_path, [SUITE], here) == {SUITE: Times()}
    there = Shared(frozenset({SUITE}), "b" * 40)
    assert times_of_tests(tmp_path, [SUITE], there)[SUITE].tests == {"a": 2.0}


def test_without_a_history_nothing_is_known(tmp_path: Path) -> None:
    assert times_of_tests(tmp_path, [SUITE]) == {}


def test_a_spoilt_history_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no database")
    with pytest.raises(EnvironmentFailure) as caught:
        times_of_tests(tmp_path, [SUITE])
    assert str(tmp_path / FILE) in str(caught.value.where)
