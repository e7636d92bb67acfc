"""What a test usually takes, and whether it took far longer this time."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

# With fewer earlier runs nothing is usual yet.
LEAST_RUNS = 5
# So far out hardly anything gets by chance.
_DEVIATIONS = 5.0
# What makes a median absolute deviation a standard deviation, of normally spread times.
_TO_SIGMA = 1.4826
# Less than that nobody minds, however regular the test is.
_LEAST_SHARE, _LEAST_SECONDS = 0.5, 0.1


def spread(times: Sequence[float]) -> tuple[float, float]:
    """Return the median and the median absolute deviation of ``times``, at least one."""
    middle = median(times)
    return middle, median(abs(time - middle) for time in times)


def is_outlier(seconds: float, times: Sequence[float]) -> bool:
    """Return whether ``seconds`` stands out from earlier ``times`` of the same test."""
    if len(times) < LEAST_RUNS:
        return False
    middle, deviation = spread(times)
    far = max(_DEVIATIONS * _TO_SIGMA * deviation, _LEAST_SHARE * middle, _LEAST_SECONDS)
    return seconds > middle + far
