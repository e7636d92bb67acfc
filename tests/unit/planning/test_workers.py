"""How many workers a suite gets: where its past says that they pay, and no longer than they do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.history.model import SuiteRun
from seatrial.model.expected import Expected
from seatrial.planning.plan import TestOptions, make_plan
from seatrial.planning.schedule import State, next_moves
from seatrial.planning.workers import (
    Known,
    Machine,
    Reason,
    Spread,
    decide,
    estimate,
    is_looked_at,
)
from tests.support.projects import project, unit

ALONE = SuiteRun(0, 0, True, True, 12.0, 40, "same")
FILES = {f"test_{number}.py": 1.0 for number in range(10)}
LONG = Known([ALONE], FILES, 2.0)
FOUR = Machine(4)


def with_runs(*runs: SuiteRun) -> Known:
    return replace(LONG, runs=runs)


def spread_in(seconds: float, **changes: object) -> SuiteRun:
    """Return a run with two workers."""
    return replace(ALONE, **{"asked": 2, "workers": 2, "seconds": seconds, **changes})  # type: ignore[arg-type]


def test_a_long_suite_gets_as_many_workers_as_make_it_shorter() -> None:
    assert decide(LONG, Machine(2), None) == Spread(2, Reason.PAYS, 12.0, 7.9)
    found = decide(LONG, FOUR, None)
    assert (found.workers, found.reason) == (4, Reason.PAYS)


def test_a_worker_that_saves_next_to_nothing_is_not_started() -> None:
    assert decide(replace(LONG, overhead=0.0), Machine(32), None).workers == 10
    assert decide(LONG, Machine(9), None).workers == 5


def test_a_file_stays_in_one_worker() -> None:
    one = Known([ALONE], {"test_a.py": 10.0, "test_b.py": 1.0}, 1.0)
    assert estimate(one, 2) == pytest.approx(11.7)
    assert decide(one, FOUR, None).reason is Reason.ONE_FILE
    assert decide(replace(LONG, files={"test_a.py": 10.0}), FOUR, None).workers == 0


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.15])
def test_a_short_suite_gets_none(seconds: float) -> None:
    short = Known([ALONE], dict.fromkeys(FILES, seconds), 0.5)
    assert decide(short, FOUR, None).reason is Reason.SHORT
    assert decide(short, FOUR, None).workers == 0


def test_where_all_of_the_time_is_the_start_workers_would_only_start_more_often() -> None:
    heavy = Known([ALONE], dict.fromkeys(FILES, 0.1), 30.0)
    assert decide(heavy, FOUR, None).workers == 0


def test_other_suites_that_keep_the_processors_busy_leave_nothing_to_win() -> None:
    assert decide(LONG, Machine(2, others=60.0), None).reason is Reason.BUSY
    assert decide(LONG, Machine(4, others=2.0), None).reason is Reason.PAYS


@pytest.mark.parametrize(
    ("known", "machine", "asked", "reason"),
    [
        (LONG, FOUR, False, Reason.OFF),
        (Known(), FOUR, None, Reason.NO_PAST),
        (LONG, Machine(1), None, Reason.ONE_SLOT),
        (LONG, Machine(1), True, Reason.ONE_SLOT),
        (with_runs(replace(ALONE, spreads=False)), FOUR, True, Reason.NO_XDIST),
        (with_runs(replace(ALONE, workers=3)), FOUR, True, Reason.OWN),
        (with_runs(spread_in(5.0, workers=3)), FOUR, None, Reason.OWN),
        (replace(LONG, shared="web"), FOUR, True, Reason.SHARED),
        (LONG, FOUR, True, Reason.ASKED),
        (Known(), FOUR, True, Reason.ASKED),
    ],
)
def test_what_is_known_decides_before_any_estimate(
    known: Known, machine: Machine, asked: bool | None, reason: Reason
) -> None:
    found = decide(known, machine, asked)
    assert found.reason is reason
    assert found.workers == (machine.slots if reason is Reason.ASKED else 0)


def test_runs_that_were_slower_end_it() -> None:
    slow = with_runs(spread_in(13.0), spread_in(14.0), ALONE)
    assert decide(slow, FOUR, None) == Spread(0, Reason.SLOWER, 12.0, 13.5)
    # It stays so while runs without follow.
    assert decide(with_runs(ALONE, *slow.runs), FOUR, None).reason is Reason.SLOWER


def test_one_run_is_not_enough_to_say_that_it_is_slower() -> None:
    assert decide(with_runs(spread_in(13.0), ALONE), FOUR, None).reason is Reason.PAYS


def test_runs_that_were_quicker_go_on() -> None:
    found = decide(with_runs(spread_in(6.0), spread_in(7.0), ALONE), FOUR, None)
    assert found == Spread(4, Reason.MEASURED, 12.0, 6.5)


def test_runs_of_another_number_of_tests_are_no_measure() -> None:
    few = spread_in(13.0, tests=20)
    assert decide(with_runs(ALONE, few, few), FOUR, None).reason is Reason.PAYS


def test_after_a_failure_with_workers_a_run_without_looks_whether_it_was_for_them() -> None:
    failed = spread_in(5.0, passed=False)
    assert decide(with_runs(failed, ALONE), FOUR, None).reason is Reason.FAILS
    other = spread_in(5.0, passed=False, inputs="other")
    assert decide(with_runs(other, ALONE), FOUR, None).reason is Reason.FAILED
    also = replace(ALONE, passed=False, inputs="other")
    assert decide(with_runs(also, other, ALONE), FOUR, None).workers == 4
    mended = replace(ALONE, inputs="mended")
    assert decide(with_runs(mended, other, ALONE), FOUR, None).workers == 4
    unknown = replace(ALONE, inputs="")
    assert decide(with_runs(unknown, replace(failed, inputs="")), FOUR, None).workers == 4


def test_only_long_suites_of_pytest_are_looked_at_or_what_the_user_speaks_of() -> None:
    past = Expected({"unit:a": 1.0, "unit:b": 0.9})
    assert is_looked_at(unit("a"), past)
    assert not is_looked_at(unit("b"), past)
    assert is_looked_at(replace(unit("b"), parallel=True), past)
    assert not is_looked_at(replace(unit("a"), runner="go"), past)


def test_the_workers_of_all_suites_together_are_no_more_than_the_jobs() -> None:
    suites = [unit(name) for name in "abcd"]
    plan = make_plan(project(*suites), TestOptions(jobs=4))
    spread = {f"unit:{name}": Spread(2, Reason.PAYS) for name in "ab"}
    plan = plan.with_spread({**spread, "unit:c": Spread(0, Reason.SHORT)})
    assert [suite.workers for suite in plan.suites] == [2, 2, 0, 0]
    first = next_moves(plan, State())
    assert [suite.id for suite in first.suites] == ["unit:a", "unit:b"]
    later = next_moves(plan, State(running={"unit:b"}))
    assert [suite.id for suite in later.suites] == ["unit:a"]
    last = next_moves(plan, State(running={"unit:a", "unit:c"}))
    assert [suite.id for suite in last.suites] == ["unit:d"]
