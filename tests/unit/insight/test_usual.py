from __future__ import annotations

import pytest

from seatrial.insight.usual import LEAST_RUNS, is_outlier, spread

STEADY = (1.0, 1.02, 0.98, 1.01, 0.99)
WILD = (1.0, 2.0, 0.5, 1.6, 0.8)


def test_the_spread_is_the_median_and_the_median_distance_from_it() -> None:
    assert spread((1.0, 2.0, 4.0, 3.0, 100.0)) == (3.0, 1.0)


@pytest.mark.parametrize(
    ("seconds", "times", "expected"),
    [
        (1.6, STEADY, True),
        (1.4, STEADY, False),
        (0.2, STEADY, False),
        (1.6, WILD, False),
        (9.0, WILD, True),
        # One slow run before does not make the next one usual.
        (9.0, (*STEADY, 9.0), True),
        (0.09, (0.001,) * 9, False),
        (0.2, (0.001,) * 9, True),
        (9.0, STEADY[: LEAST_RUNS - 1], False),
        (9.0, (), False),
    ],
)
def test_an_outlier_is_far_from_what_the_test_took_before(
    seconds: float, times: tuple[float, ...], expected: bool
) -> None:
    assert is_outlier(seconds, times) is expected
