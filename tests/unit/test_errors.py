from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import ConfigError, Interrupted, Refused, Where, worst


@pytest.mark.parametrize(
    ("codes", "winner"),
    [
        ([], 0),
        ([0, 1], 1),
        ([1, 4], 4),
        ([4, 3, 1], 3),
        ([3, 2, 1], 2),
        ([2, 130, 1], 130),
        ([5, 0], 5),
        ([5, 1], 1),
    ],
)
def test_the_gravest_code_wins(codes: list[int], winner: int) -> None:
    assert worst(codes) == winner


def test_an_error_says_where_before_what() -> None:
    error = ConfigError("unknown key 'nmae'", where=Where(Path("seatrial.toml"), 3))
    assert str(error) == "seatrial.toml:3: unknown key 'nmae'"


def test_each_branch_of_the_tree_has_the_exit_code_of_the_contract() -> None:
    assert (ConfigError("x").exit_code, Refused("x").exit_code) == (2, 3)
    assert Interrupted("x").exit_code == 130
