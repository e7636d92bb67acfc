"""What the history lets expect of the next run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seatrial import events
from seatrial.errors import EnvironmentFailure
from seatrial.events import Event, Phase
from seatrial.history.expected import Shared, expected
from seatrial.history.log import Log, log_of
from seatrial.history.store import FILE
from seatrial.model.expected import Expected
from seatrial.model.result import Counts, SuiteResult, Verdict
from tests.unit.history.runs import SUITE, a_run, record

SHARED = Shared(frozenset({SUITE, "unit:b"}), "b" * 40)


def run_of(
    day: int, seconds: float, verdict: Verdict = Verdict.PASSED, *, booted: bool = True
) -> list[Event]:
    """Return a run of one suite that took ``seconds``, in an environment that took twice that."""
    result = SuiteResult(SUITE, verdict, seconds, Counts(passed=1))
    told = a_run(f"202601{day:02}-000000-a")
    boot = events.PhaseFinished(0.1, Phase.BOOT, "shop", 2 * seconds, "shop", booted)
    last = told[-1]
    assert isinstance(last, events.RunFinished)
    ended = replace(last, result=replace(last.result, suites=(result,)))
    return [told[0], boot, events.SuiteFinished(1.0, result), ended]


def test_it_is_the_median_of_the_newest_ten(tmp_path: Path) -> None:
    for day in range(1, 21):
        record(tmp_path, run_of(day, 99.0 if day <= 10 else float(day)))
    assert expected(tmp_path) == Expected({SUITE: 15.5}, {"shop": 31.0})


def test_only_what_passed_counts(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, 2.0))
    record(tmp_path, run_of(2, 50.0, Verdict.FAILED, booted=False))
    record(tmp_path, run_of(3, 50.0, Verdict.DEADLINE, booted=False))
    assert expected(tmp_path) == Expected({SUITE: 2.0}, {"shop": 4.0})


def test_a_suite_that_ran_only_some_of_its_tests_does_not_count(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, 8.0))
    first, *rest = run_of(2, 1.0)
    assert isinstance(first, events.RunStarted)
    narrowed = tuple(replace(suite, selection="-k smoke") for suite in first.suites)
    record(tmp_path, [replace(first, suites=narrowed), *rest])
    assert expected(tmp_path).suites == {SUITE: 8.0}
    assert expected(tmp_path, SHARED).suites == {SUITE: 8.0}


@pytest.mark.parametrize("there", [True, False])
def test_without_a_run_nothing_is_expected_and_nothing_made(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "kept"
    if there:
        folder.mkdir()
    assert expected(folder) == Expected()
    assert list(tmp_path.iterdir()) == ([folder] if there else [])
    assert not there or list(folder.iterdir()) == []


def test_logs_that_came_from_elsewhere_count_where_all_must(tmp_path: Path) -> None:
    log = Log(log_of(tmp_path, "20260101-000000-a"))
    log.append(run_of(1, 4.0))
    log.close()
    assert expected(tmp_path) == Expected()
    assert expected(tmp_path, SHARED) == Expected({SUITE: 4.0}, {"shop": 8.0})
    assert expected(tmp_path).suites == {SUITE: 4.0}


def test_a_spoilt_database_is_an_error_or_made_anew(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, 4.0))
    (tmp_path / FILE).write_bytes(b"no database at all\n" * 500)
    with pytest.raises(EnvironmentFailure) as caught:
        expected(tmp_path)
    assert caught.value.where is not None
    assert expected(tmp_path, SHARED).suites == {SUITE: 4.0}


def test_a_name_with_odd_signs_in_its_path_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1?"
    record(folder, run_of(1, 4.0))
    assert expected(folder).suites == {SUITE: 4.0}


def test_of_the_commit_that_is_split_only_runs_with_all_its_suites_count(tmp_path: Path) -> None:
    record(tmp_path, run_of(1, 4.0))
    own = "a" * 40
    assert expected(tmp_path, Shared(frozenset({SUITE, "unit:b"}), own)) == Expected()
    assert expected(tmp_path, Shared(frozenset({SUITE}), own)).suites == {SUITE: 4.0}
    assert expected(tmp_path, Shared(frozenset({SUITE, "unit:b"}), "")).suites == {SUITE: 4.0}
