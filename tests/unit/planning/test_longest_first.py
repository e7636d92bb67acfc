"""What the past says about time orders what starts, and how soon a run is over with it."""

from __future__ import annotations

import heapq
import random

import pytest

from seatrial.model.expected import Expected
from seatrial.model.result import Verdict
from seatrial.planning.plan import Plan, TestOptions, make_plan
from seatrial.planning.schedule import Standing, State, next_moves
from tests.support.projects import integration, project, service, unit

BOOT = 2.0


def makespan(plan: Plan, seconds: dict[str, float]) -> float:
    """Play the run in made-up time; return when it is over. Boots take ``BOOT`` or as expected."""
    state, now, doing = State(), 0.0, list[tuple[float, str, str]]()
    while not (moves := next_moves(plan, state)).finished:
        for key in moves.remove:
            state.environments[key] = Standing.GONE
        for suite in moves.suites:
            state.running.add(suite.id)
            heapq.heappush(doing, (now + seconds[suite.id], "suite", suite.id))
        for boot in moves.boots:
            state.environments[boot.key] = Standing.BOOTING
            took = plan.options.expected.boots.get(boot.key, BOOT)
            heapq.heappush(doing, (now + took, "boot", boot.key))
        assert len(state.running) <= plan.options.jobs
        if not doing:
            continue
        now, kind, name = heapq.heappop(doing)
        if kind == "suite":
            state.running.remove(name)
            state.verdicts[name] = Verdict.PASSED
        else:
            state.environments[name] = Standing.UP
    assert len(state.verdicts) == len(plan.suites)
    return now


def times(number: int, seed: int) -> dict[str, float]:
    """Return seconds as suites take them: many short ones, few long ones, the longest last."""
    chance = random.Random(seed)
    long_ones = sorted(chance.lognormvariate(0.0, 1.3) for _ in range(number))
    return {f"unit:s{index:03}": seconds for index, seconds in enumerate(long_ones)}


def units(seconds: dict[str, float], jobs: int, expected: Expected) -> Plan:
    suites = [unit(suite.removeprefix("unit:")) for suite in seconds]
    return make_plan(project(*suites), TestOptions(jobs=jobs, expected=expected))


@pytest.mark.parametrize("jobs", [1, 3, 8, 16, 64])
@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_suites_take_a_tenth_longer_than_they_must_at_most(
    jobs: int, seed: int
) -> None:
    seconds = times(500, seed)
    least = max(max(seconds.values()), sum(seconds.values()) / jobs)
    assert makespan(units(seconds, jobs, Expected(seconds)), seconds) <= 1.10 * least


@pytest.mark.parametrize("jobs", [4, 16])
def test_times_that_are_off_by_a_fifth_do_little_harm(jobs: int) -> None:
    seconds, chance = times(500, 3), random.Random(4)
    past = {suite: took * chance.uniform(0.8, 1.2) for suite, took in seconds.items()}
    least = max(max(seconds.values()), sum(seconds.values()) / jobs)
    assert makespan(units(seconds, jobs, Expected(past)), seconds) <= 1.10 * least


def test_the_order_of_the_project_leaves_the_longest_for_the_end() -> None:
    seconds = times(500, 1)
    without = makespan(units(seconds, 16, Expected()), seconds)
    assert makespan(units(seconds, 16, Expected(seconds)), seconds) < 0.9 * without


SHOP = project(unit("a"), unit("b"), service("a"), service("b"), integration("x"), integration("y"))
UNITS = {"unit:a": Verdict.PASSED, "unit:b": Verdict.PASSED}


def starts(expected: Expected, state: State, jobs: int = 1) -> tuple[list[str], list[str]]:
    """Return the suites and the environments that start now."""
    moves = next_moves(make_plan(SHOP, TestOptions(jobs=jobs, expected=expected)), state)
    return [suite.id for suite in moves.suites], [boot.key for boot in moves.boots]


def test_the_longest_suite_of_the_open_stage_goes_first() -> None:
    assert starts(Expected({"unit:a": 1.0, "unit:b": 2.0}), State()) == (["unit:b"], [])
    long_later = Expected({"unit:a": 2.0, "unit:b": 1.0, "service:a": 60.0})
    assert starts(long_later, State()) == (["unit:a"], [])


def test_without_a_past_the_order_is_that_of_the_project() -> None:
    assert starts(Expected(), State()) == (["unit:a"], [])
    assert starts(Expected(boots={"a": 1.0}), State(verdicts=dict(UNITS))) == ([], ["a"])
    assert starts(Expected({"unit:a": 1.0, "unit:b": 1.0}), State(), 2)[0] == ["unit:a", "unit:b"]


def test_a_suite_without_a_past_stands_in_the_middle() -> None:
    shop = project(unit("a"), unit("b"), unit("c"), unit("d"))
    expected = Expected({"unit:a": 1.0, "unit:b": 2.0, "unit:c": 9.0})
    moves = next_moves(make_plan(shop, TestOptions(jobs=4, expected=expected)), State())
    assert [suite.name for suite in moves.suites] == ["c", "b", "d", "a"]


def test_the_environment_boots_first_whose_boot_and_suites_take_longest() -> None:
    state = State(verdicts=dict(UNITS))
    suites = {"service:a": 3.0, "service:b": 2.0}
    assert starts(Expected(suites), state) == ([], ["a"])
    assert starts(Expected(suites, {"a": 1.0, "b": 9.0}), state) == ([], ["b"])


def test_the_nearest_stage_boots_first_however_long_a_later_one_takes() -> None:
    suites = {"service:a": 2.0, "service:b": 1.0, "integration:x": 99.0}
    state = State(verdicts=dict(UNITS))
    assert starts(Expected(suites), state) == ([], ["a"])


def test_suites_that_share_an_environment_count_as_one() -> None:
    other = integration("z", compose=())
    shop = project(other, integration("x"), integration("y"))
    expected = Expected({"integration:z": 5.0, "integration:x": 3.0, "integration:y": 3.0})
    plan = make_plan(shop, TestOptions(jobs=1, expected=expected))
    state = State(environments={"integration": Standing.UP})
    assert [suite.name for suite in next_moves(plan, state).suites] == ["x"]


def test_a_whole_run_with_environments_is_over_as_soon_as_it_can_be() -> None:
    suites = [service(f"s{index}") for index in range(20)]
    chance = random.Random(8)
    seconds = {suite.id: chance.uniform(1.0, 9.0) for suite in suites}
    boots = {suite.name: chance.uniform(1.0, 5.0) for suite in suites}
    options = TestOptions(jobs=4, expected=Expected(seconds, boots))
    chains = [seconds[suite.id] + boots[suite.name] for suite in suites]
    took = makespan(make_plan(project(*suites), options), seconds)
    assert took <= 1.10 * max(max(chains), sum(chains) / 4)
