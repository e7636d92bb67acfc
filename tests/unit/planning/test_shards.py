from __future__ import annotations

import random
import subprocess
import sys

import pytest

from seatrial.errors import NoTests, UsageError
from seatrial.model.expected import Expected
from seatrial.model.project import LeftOut, Project, Stage
from seatrial.planning.plan import TestOptions, make_plan
from seatrial.planning.shards import Part, Shard, parse_shard, split
from tests.support.projects import integration, project, service, unit

SHOP = project(unit("a"), unit("b"), service("a"), service("b"), integration())


def ids(shard: str, **options: object) -> list[str]:
    chosen = TestOptions(shard=parse_shard(shard), **options)  # type: ignore[arg-type]
    return [suite.id for suite in make_plan(SHOP, chosen).suites]


@pytest.mark.parametrize(
    "text", ["0/3", "4/3", "1/0", "0/0", "-1/3", "1", "/", "1/", "/3", "a/b", "1/3/5", " 1/3", ""]
)
def test_what_is_no_part_of_a_whole_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_shard(text)
    assert repr(text) in caught.value.what
    assert "2/3" in caught.value.mend


@pytest.mark.parametrize("text", ["²/3", "١/3", f"1/{'9' * 5000}", "1/3\n"])
def test_odd_digits_are_a_usage_error_too(text: str) -> None:
    with pytest.raises(UsageError):
        parse_shard(text)


def test_first_and_last_are_parts() -> None:
    assert parse_shard("1/1") == Shard(1, 1)
    assert parse_shard("3/3") == Shard(3, 3)


def test_the_longest_go_first_to_where_least_is_to_be_done() -> None:
    seconds = {"a": 5.0, "b": 4.0, "c": 3.0, "d": 3.0, "e": 3.0}
    assert split(seconds, 2, seconds).parts == (
        Part(("a", "d"), 8.0),
        Part(("b", "c", "e"), 10.0),
    )


def test_without_a_past_all_weigh_the_same_and_go_by_id() -> None:
    assert [part.suites for part in split("dcba", 3, {}).parts] == [("a", "d"), ("b",), ("c",)]


def test_a_suite_without_a_past_weighs_as_much_as_the_median() -> None:
    parts = split(["a", "b", "c", "new"], 2, {"a": 9.0, "b": 2.0, "c": 1.0, "gone": 99.0}).parts
    assert parts == (Part(("a",), 9.0), Part(("b", "c", "new"), 5.0))


def test_suites_that_took_no_time_are_spread() -> None:
    parts = split("abcdef", 3, dict.fromkeys("abcdef", 0.0)).parts
    assert [len(part.suites) for part in parts] == [2, 2, 2]


def test_more_shards_than_suites_leave_the_last_ones_empty() -> None:
    parts = split(["a", "b"], 999_999_999, {})
    assert parts.part(Shard(2, 999_999_999)).suites == ("b",)
    assert parts.part(Shard(999_999_999, 999_999_999)) == Part()


def test_the_order_of_what_is_given_makes_no_difference() -> None:
    chance = random.Random(5)
    suites = [f"unit:{number}" for number in range(60)]
    seconds = {suite: chance.choice([0.1, 0.2, 0.3, 7.7]) for suite in suites[:50]}
    first = split(suites, 7, seconds)
    for _ in range(5):
        chance.shuffle(suites)
        shuffled = {suite: seconds[suite] for suite in suites if suite in seconds}
        assert split(suites, 7, shuffled) == first


def test_another_process_with_another_hash_seed_gives_the_same_answer() -> None:
    code = (
        "from seatrial.planning.shards import split\n"
        "s = {f'unit:{n}': n % 7 / 10 for n in range(40)}\n"
        "print(split(set(s), 5, s).mark)"
    )
    marks = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(marks) == 1


def test_the_mark_tells_one_split_from_another() -> None:
    even, uneven = split("abc", 2, {}), split("abc", 2, {"a": 1.0, "b": 9.0})
    assert even.mark != uneven.mark
    assert even.mark == split("cba", 2, {"a": 3.0, "b": 3.0, "c": 3.0}).mark


@pytest.mark.parametrize("count", [2, 5, 16, 64])
def test_five_hundred_suites_are_balanced_to_a_tenth(count: int) -> None:
    chance = random.Random(11)
    seconds = {f"unit:{number}": chance.lognormvariate(0.0, 1.2) for number in range(500)}
    parts = split(seconds, count, seconds).parts
    least = max(max(seconds.values()), sum(seconds.values()) / count)
    assert max(part.seconds for part in parts) <= 1.10 * least
    assert sorted(suite for part in parts for suite in part.suites) == sorted(seconds)


def test_the_shards_of_a_plan_are_all_of_it_and_share_nothing() -> None:
    expected = Expected({"integration:integration": 9.0, "unit:a": 3.0})
    found = [ids(f"{number}/3", expected=expected) for number in (1, 2, 3)]
    assert found[0] == ["integration:integration"]
    assert sorted(one for shard in found for one in shard) == sorted(
        suite.id for suite in SHOP.suites
    )


def test_a_shard_has_only_the_environments_of_its_suites() -> None:
    plan = make_plan(SHOP, TestOptions(shard=Shard(1, 5)))
    assert [suite.id for suite in plan.suites] == ["integration:integration"]
    assert [environment.key for environment in plan.environments] == ["integration"]


def test_what_else_selects_is_selected_before_the_split() -> None:
    assert ids("1/2", stages=(Stage.UNIT,)) == ["unit:a"]
    assert ids("2/2", stages=(Stage.UNIT,)) == ["unit:b"]
    assert ids("2/2", services=("b",)) == ["unit:b"]
    touched = {"unit:b": "it changed", "service:b": "it changed"}
    assert ids("1/2", touched=touched) == ["service:b"]
    assert ids("2/2", touched=touched) == ["unit:b"]
    assert ids("1/2", touched={}) == []


def test_an_empty_shard_is_a_plan_without_suites() -> None:
    assert ids("6/6") == []


def test_a_suite_that_cannot_run_here_stays_in_its_shard() -> None:
    shop = project(unit("a"), unit("c"))
    missing = LeftOut(unit("b"), "npm")
    here = Project(shop.root, shop.name, shop.services, shop.suites, left_out=(missing,))
    first = make_plan(here, TestOptions(shard=Shard(1, 2)))
    assert [suite.id for suite in first.suites] == ["unit:a", "unit:c"]
    assert first.left_out == ()
    with pytest.raises(NoTests) as caught:
        make_plan(here, TestOptions(shard=Shard(2, 2)))
    assert "needs npm" in caught.value.what
