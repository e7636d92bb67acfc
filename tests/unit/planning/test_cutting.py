"""A suite that is too long for one shard is cut by its files: all of it once, and evenly."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.model.expected import Expected
from seatrial.model.project import Piece
from seatrial.planning.files import Files, FileTimes, weighed
from seatrial.planning.plan import Plan, TestOptions, make_plan
from seatrial.planning.shards import Shard, Split, split
from tests.support.projects import integration, project, service, unit

GIANT = "unit:giant"
SECONDS = st.floats(0.01, 60.0)


def files_of(cut: Split, suite: str = GIANT) -> list[str]:
    """Return the files of all pieces, one after the other."""
    pieces = [part.pieces[suite] for part in cut.parts if suite in part.pieces]
    return [file for piece in pieces for file in piece.files]


def numbered(count: int, seconds: float = 1.0) -> dict[str, float]:
    return {f"tests/test_{number:03}.py": seconds for number in range(count)}


def test_a_giant_is_cut_into_even_pieces() -> None:
    cut = split([GIANT], 3, {GIANT: 9.0}, {GIANT: Files(numbered(9))})
    assert [part.seconds for part in cut.parts] == [3.0, 3.0, 3.0]
    assert sorted(files_of(cut)) == sorted(numbered(9))
    assert cut.suites == 1


def test_one_piece_has_the_rest_and_knows_what_the_others_have() -> None:
    cut = split([GIANT], 2, {GIANT: 4.0}, {GIANT: Files(numbered(4))})
    rest, other = (part.pieces[GIANT] for part in cut.parts)
    assert rest == Piece(1, 2, ("tests/test_000.py", "tests/test_002.py"), other.files, rest=True)
    assert other == Piece(2, 2, ("tests/test_001.py", "tests/test_003.py"))


def test_others_fill_what_a_giant_leaves() -> None:
    seconds = {GIANT: 60.0, "unit:a": 20.0, "unit:b": 20.0}
    cut = split(seconds, 4, seconds, {GIANT: Files(numbered(60))})
    assert [part.seconds for part in cut.parts] == [25.0] * 4


def test_a_suite_that_fits_stays_whole() -> None:
    seconds = {GIANT: 10.0, "unit:a": 10.0}
    cut = split(seconds, 2, seconds, {name: Files(numbered(10)) for name in seconds})
    assert all(not part.pieces for part in cut.parts)


def test_what_cannot_be_cut_stays_whole() -> None:
    assert split([GIANT], 3, {GIANT: 9.0}).parts[0].suites == (GIANT,)
    assert len(split([GIANT], 3, {GIANT: 9.0}, {GIANT: Files({"test_a.py": 9.0})}).parts) == 1


def test_a_start_that_costs_more_than_the_cut_saves_forbids_it() -> None:
    cut = split([GIANT], 8, {GIANT: 10.5}, {GIANT: Files(numbered(2, 0.25), fixed=10.0)})
    assert len(cut.parts) == 1


def test_no_more_pieces_than_are_of_use() -> None:
    seconds = {GIANT: 90.0, "unit:long": 60.0}
    boots = {GIANT: ("giant", 10.0)}
    cut = split(seconds, 8, seconds, {GIANT: Files(numbered(90))}, boots)
    assert sorted(part.seconds for part in cut.parts) == [55.0, 55.0, 60.0]


def test_a_boot_counts_once_in_each_part_that_needs_it() -> None:
    boots = {"integration:a": ("integration", 10.0), "integration:b": ("integration", 10.0)}
    whole = split(boots, 2, {"integration:a": 5.0, "integration:b": 4.0}, {}, boots)
    assert [part.seconds for part in whole.parts] == [15.0, 14.0]
    assert [part.seconds for part in split(boots, 1, {}, {}, boots).parts] == [12.0]


def test_without_a_past_the_files_count_alike() -> None:
    files = {GIANT: weighed(numbered(5), FileTimes(), 1.0)}
    cut = split([GIANT], 2, {}, files)
    assert [len(part.pieces[GIANT].files) for part in cut.parts] == [3, 2]
    assert split([GIANT], 2, {}, files).mark == cut.mark


def test_the_mark_tells_by_its_files_how_a_suite_was_cut() -> None:
    one, other = (
        split([GIANT], 2, {GIANT: 9.0}, {GIANT: Files({"a": 5.0, "b": 2.0, "c": late})})
        for late in (2.0, 9.0)
    )
    assert one.mark != other.mark


@settings(max_examples=60, deadline=None)
@given(
    whole=st.lists(SECONDS, max_size=40),
    giants=st.lists(st.lists(SECONDS, min_size=1, max_size=60), min_size=1, max_size=3),
    count=st.integers(1, 20),
    fixed=st.floats(0.0, 5.0),
    boot=st.floats(0.0, 20.0),
)
def test_every_file_is_in_one_part_whatever_is_known(
    whole: list[float], giants: list[list[float]], count: int, fixed: float, boot: float
) -> None:
    files = {
        f"unit:giant-{number}": Files(
            {f"test_{index}.py": seconds for index, seconds in enumerate(inside)}, fixed
        )
        for number, inside in enumerate(giants)
    }
    seconds = {name: fixed + sum(known.seconds.values()) for name, known in files.items()}
    seconds |= {f"unit:{number}": taken for number, taken in enumerate(whole)}
    cut = split(seconds, count, seconds, files, dict.fromkeys(files, ("shared", boot)))
    assert len(cut.parts) <= count
    for name in seconds:
        parts = [part for part in cut.parts if name in part.suites]
        pieces = [part.pieces[name] for part in parts if name in part.pieces]
        if not pieces:
            assert len(parts) == 1
            continue
        assert len(pieces) == len(parts) > 1
        named = [file for piece in pieces for file in piece.files]
        assert sorted(named) == sorted(files[name].seconds)
        (rest,) = [piece for piece in pieces if piece.rest]
        assert set(rest.others) == set(files[name].seconds) - set(rest.files)
        assert sorted(piece.number for piece in pieces) == [*range(1, len(pieces) + 1)]


@pytest.mark.parametrize("fixed", [0.0, 0.3])
@pytest.mark.parametrize("count", [2, 3, 5, 16, 64])
def test_five_hundred_suites_with_a_giant_are_balanced_to_a_tenth(count: int, fixed: float) -> None:
    draw = random.Random(count).lognormvariate
    inside = {f"tests/test_{number}.py": draw(0.0, 1.0) for number in range(300)}
    seconds = {f"unit:{number}": draw(0.0, 1.2) for number in range(499)}
    seconds[GIANT] = fixed + sum(inside.values())
    check_balance(seconds, {GIANT: Files(inside, fixed)}, count)


@settings(max_examples=40, deadline=None)
@given(
    inside=st.lists(st.floats(0.1, 30.0), min_size=2, max_size=200),
    count=st.integers(2, 12),
)
def test_a_giant_alone_is_balanced_to_a_tenth(inside: list[float], count: int) -> None:
    files = {f"test_{number}.py": seconds for number, seconds in enumerate(inside)}
    # Longest first may be a third off where there are but a few files for each part.
    if len(inside) >= 10 * count:
        check_balance({GIANT: sum(inside)}, {GIANT: Files(files)}, count)


def check_balance(seconds: Mapping[str, float], files: Mapping[str, Files], count: int) -> None:
    """Hold the longest part to what must be: the longest file, or an equal share of all."""
    parts = split(seconds, count, seconds, files).parts
    pieces = sum(GIANT in part.pieces for part in parts)
    fixed = files[GIANT].fixed
    items = [value for name, value in seconds.items() if name != GIANT or not pieces]
    items += [fixed + value for value in files[GIANT].seconds.values()] if pieces else []
    total = sum(seconds.values()) + max(0, pieces - 1) * fixed
    least = max(max(items), total / count)
    assert max(part.seconds for part in parts) <= 1.10 * least


def test_a_plan_gives_its_shard_the_piece_alone() -> None:
    shop = project(unit("a"), unit("giant"))
    plans = [cut_plan(shop, number) for number in (1, 2, 3)]
    ids = [[suite.id for suite in plan.suites] for plan in plans]
    assert sorted(one for found in ids for one in found).count(GIANT) > 1
    pieces = [suite.piece for plan in plans for suite in plan.suites if suite.id == GIANT]
    assert sorted(file for piece in pieces if piece for file in piece.files) == [*numbered(30)]
    (whole,) = [suite for plan in plans for suite in plan.suites if suite.id == "unit:a"]
    assert whole.piece is None


def cut_plan(shop: object, number: int) -> Plan:
    options = TestOptions(
        shard=Shard(number, 3),
        expected=Expected({GIANT: 30.0, "unit:a": 3.0}),
        files={GIANT: Files(numbered(30))},
    )
    return make_plan(shop, options)  # type: ignore[arg-type]


def test_what_a_shard_has_in_part_is_told_to_the_history() -> None:
    plan = cut_plan(project(unit("a"), unit("giant")), 2)
    said = {suite.id: plan.selection(suite) for suite in plan.suites}
    assert said[GIANT] == "--shard 2/3"
    assert said.get("unit:a", "") == ""


def test_pieces_of_one_environment_boot_it_in_each_part() -> None:
    shop = project(service("giant"), integration())
    files = {"service:giant": Files(numbered(40))}
    expected = Expected({"service:giant": 40.0, "integration:integration": 5.0}, {"giant": 4.0})
    options = TestOptions(shard=Shard(1, 2), expected=expected, files=files)
    plan = make_plan(shop, options)
    assert "giant" in [environment.key for environment in plan.environments]
    assert plan.split is not None
    assert [part.seconds for part in plan.split.parts] == pytest.approx([26.5, 26.5], abs=1.0)


@pytest.mark.parametrize(
    ("known", "whole", "heavy"),
    [
        # Beyond its tests' 3 s the suite takes 2 s; half of them come again in each piece.
        (FileTimes({"a": 2.0, "b": 1.0}, 2.0), 5.0, (2.5, 1.5, 1.0)),
        # Side by side: 8 s of tests in 4 s.
        (FileTimes({"a": 6.0, "b": 2.0}), 4.0, (3.0, 1.0, 0.0)),
    ],
)
def test_files_weigh_their_tests_and_their_part_of_the_rest(
    known: FileTimes, whole: float, heavy: tuple[float, float, float]
) -> None:
    files = weighed(["b", "a"], known, whole)
    assert (files.seconds["a"], files.seconds["b"], files.fixed) == heavy


def test_a_new_file_weighs_as_the_median_of_the_others() -> None:
    known = FileTimes({"a": 1.0, "b": 3.0, "c": 9.0})
    assert weighed(["a", "b", "c", "new"], known, 13.0).seconds["new"] == 3.0
