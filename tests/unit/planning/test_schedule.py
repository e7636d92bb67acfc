from __future__ import annotations

from seatrial.model.project import Stage
from seatrial.model.result import Verdict
from seatrial.planning.plan import Plan, TestOptions, make_plan
from seatrial.planning.schedule import Moves, Standing, State, next_moves, open_stage
from seatrial.runners.base import RunnerOptions
from tests.support.projects import integration, project, service, unit

SHOP = project(unit("a"), unit("b"), service("a"), service("b"), integration())


def plan(jobs: int = 2, **options: object) -> Plan:
    return make_plan(SHOP, TestOptions(jobs=jobs, **options))  # type: ignore[arg-type]


def started(moves: Moves) -> list[str]:
    return [suite.id for suite in moves.suites]


def booted(moves: Moves) -> list[str]:
    return [environment.key for environment in moves.boots]


UNITS_PASSED = {"unit:a": Verdict.PASSED, "unit:b": Verdict.PASSED}


def test_suites_go_before_boots_when_slots_are_short() -> None:
    moves = next_moves(plan(jobs=2), State())
    assert (started(moves), booted(moves)) == (["unit:a", "unit:b"], [])


def test_a_free_slot_boots_the_environment_of_the_nearest_stage_ahead() -> None:
    moves = next_moves(plan(jobs=3), State())
    assert (started(moves), booted(moves)) == (["unit:a", "unit:b"], ["a"])


def test_a_boot_takes_a_slot() -> None:
    state = State(running={"unit:a"}, environments={"a": Standing.BOOTING})
    assert next_moves(plan(jobs=2), state).suites == ()


def test_a_stage_opens_only_when_the_one_before_has_passed() -> None:
    state = State(verdicts={"unit:a": Verdict.PASSED}, environments={"a": Standing.UP})
    assert started(next_moves(plan(jobs=9), state)) == ["unit:b"]
    state.verdicts["unit:b"] = Verdict.PASSED
    assert started(next_moves(plan(jobs=9), state)) == ["service:a"]


def test_a_failed_stage_drops_all_later_ones_and_takes_their_environments_down() -> None:
    state = State(
        verdicts={"unit:a": Verdict.FAILED, "unit:b": Verdict.PASSED},
        environments={"a": Standing.UP, "b": Standing.BOOTING},
    )
    moves = next_moves(plan(jobs=9), state)
    assert set(moves.drop) == {"service:a", "service:b", "integration:integration"}
    assert set(moves.drop.values()) == {Verdict.NOT_RUN}
    assert moves.remove == ("a", "b")
    assert moves.boots == ()


def test_a_failed_suite_lets_the_others_of_its_stage_run() -> None:
    state = State(verdicts={"unit:a": Verdict.FAILED})
    assert started(next_moves(plan(), state)) == ["unit:b"]


def test_a_failed_environment_drops_only_the_suites_that_need_it() -> None:
    state = State(
        verdicts=dict(UNITS_PASSED), environments={"a": Standing.FAILED, "b": Standing.UP}
    )
    moves = next_moves(plan(), state)
    assert moves.drop["service:a"] is Verdict.NO_ENVIRONMENT
    assert started(moves) == ["service:b"]
    assert moves.drop["integration:integration"] is Verdict.NOT_RUN


def test_suites_of_one_environment_follow_one_another() -> None:
    both = make_plan(project(integration("x"), integration("y")), TestOptions(jobs=9))
    state = State(environments={"integration": Standing.UP})
    moves = next_moves(both, state)
    assert started(moves) == ["integration:x"]
    state.running.add("integration:x")
    assert next_moves(both, state).suites == ()


def test_an_environment_goes_as_soon_as_its_suites_are_over() -> None:
    state = State(
        running={"service:b"},
        verdicts={**UNITS_PASSED, "service:a": Verdict.PASSED},
        environments={"a": Standing.UP, "b": Standing.UP},
    )
    assert next_moves(plan(), state).remove == ("a",)


def test_a_suite_without_tests_stops_the_next_stage() -> None:
    state = State(verdicts={"unit:a": Verdict.NO_TESTS, "unit:b": Verdict.PASSED})
    assert next_moves(plan(), state).drop["service:a"] is Verdict.NOT_RUN


def test_a_keyword_that_selects_nothing_in_a_suite_stops_nothing() -> None:
    chosen = plan(runner=RunnerOptions(keyword="price"))
    state = State(
        verdicts={"unit:a": Verdict.NO_TESTS, "unit:b": Verdict.PASSED},
        environments={"a": Standing.UP},
    )
    assert started(next_moves(chosen, state)) == ["service:a"]


def test_stopping_starts_nothing_and_waits_for_what_runs() -> None:
    state = State(running={"unit:a"}, environments={"a": Standing.UP}, stopping=True)
    moves = next_moves(plan(), state)
    assert (moves.suites, moves.boots, moves.finished) == ((), (), False)
    assert "unit:a" not in moves.drop
    # The one that runs is not over yet, the environment is not its own.
    assert moves.remove == ("a",)


def test_all_is_over_when_every_suite_has_a_verdict_and_nothing_is_up() -> None:
    verdicts = {suite.id: Verdict.PASSED for suite in SHOP.suites}
    gone = dict.fromkeys(("a", "b", "integration"), Standing.GONE)
    assert next_moves(plan(), State(verdicts=verdicts, environments=gone)).finished
    going = {**gone, "b": Standing.GOING}
    assert not next_moves(plan(), State(verdicts=verdicts, environments=going)).finished


def test_the_open_stage_is_the_first_with_an_unfinished_suite() -> None:
    assert open_stage(plan(), State()) is Stage.UNIT
    assert open_stage(plan(), State(verdicts=dict(UNITS_PASSED))) is Stage.SERVICE
