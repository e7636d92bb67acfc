from __future__ import annotations

from seatrial import events
from seatrial.events import Event, Phase
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, RunResult, SuiteResult, TestResult, Verdict
from seatrial.render.board import Board, Step, SuiteRow, reduce, syncing_since

from .runs import planned, started

UNIT = planned(Stage.UNIT, "catalog")
SERVICE = planned(Stage.SERVICE, "catalog")


def board(*more: Event) -> Board:
    result = Board()
    for event in (started(UNIT, SERVICE), *more):
        result = reduce(result, event)
    return result


def unit(*more: Event) -> SuiteRow:
    return board(events.SuiteStarted(1.0, UNIT.id, "pytest"), *more).suites[UNIT.id]


def finished(test: str, outcome: Outcome = Outcome.PASSED) -> events.TestFinished:
    return events.TestFinished(2.0, UNIT.id, TestResult(test, outcome))


def test_suites_wait_in_the_order_of_the_plan() -> None:
    rows = board().suites
    assert list(rows) == [UNIT.id, SERVICE.id]
    assert {row.step for row in rows.values()} == {Step.WAITING}


def test_a_started_suite_runs_since_then() -> None:
    assert (unit().step, unit().since) == (Step.RUNNING, 1.0)


def test_tests_under_way_are_listed_until_they_end() -> None:
    begun = [events.TestStarted(1.5, UNIT.id, name) for name in ("a", "b")]
    assert unit(*begun).tests == ("a", "b")
    assert unit(*begun, finished("a")).tests == ("b",)
    assert unit(*begun, finished("b"), finished("a")).last == "b"


def test_a_failed_test_that_passes_on_a_rerun_is_counted_once() -> None:
    row = unit(finished("a", Outcome.FAILED), finished("a"))
    assert (row.done, row.bad) == (1, frozenset())


def test_a_growing_number_of_tests_replaces_the_smaller_one() -> None:
    row = unit(events.TestsCollected(1.0, UNIT.id, 3), events.TestsCollected(1.1, UNIT.id, 7))
    assert row.total == 7


def test_what_comes_after_a_suite_has_ended_changes_nothing() -> None:
    ended = board(events.SuiteFinished(3.0, SuiteResult(UNIT.id, Verdict.PASSED)))
    assert reduce(ended, events.TestsCollected(4.0, UNIT.id, 3)) is ended


def test_an_event_of_an_unknown_suite_changes_nothing() -> None:
    before = board()
    assert reduce(before, events.SuiteStarted(1.0, "unit:other", "pytest")) is before


def test_a_boot_lists_the_services_that_are_not_ready() -> None:
    key = SERVICE.environment
    boot = events.PhaseStarted(1.0, Phase.BOOT, key, key, ("database", "api"))
    after = board(boot, events.ServiceReady(2.0, key, "database", 1.0))
    assert after.environments[key].services == ("api",)
    assert after.moves
    done = reduce(after, events.EnvironmentReady(3.0, key, 2.0))
    assert done.environments[key].ready
    assert not done.moves


def test_a_sync_belongs_to_the_suites_of_its_folder() -> None:
    sync = events.PhaseStarted(1.0, Phase.SYNC, "/home/me/shop/services/catalog")
    after = board(sync)
    assert syncing_since(after, after.suites[UNIT.id]) == 1.0
    other = SuiteRow("unit:log", Stage.UNIT, "log", folder="services/log")
    assert syncing_since(after, other) is None
    ended = events.PhaseFinished(2.0, Phase.SYNC, sync.subject, 1.0)
    assert syncing_since(reduce(after, ended), after.suites[UNIT.id]) is None


def test_the_last_event_ends_every_suite_and_all_movement() -> None:
    results = (SuiteResult(UNIT.id, Verdict.PASSED), SuiteResult(SERVICE.id, Verdict.NOT_RUN))
    end = events.RunFinished(9.0, RunResult(Verdict.PASSED, 0, 9.0, results))
    after = board(events.SuiteStarted(1.0, UNIT.id, "pytest"), end)
    assert {row.step for row in after.suites.values()} == {Step.ENDED}
    assert not after.moves
