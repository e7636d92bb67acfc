"""What pytest-xdist would save a suite, reckoned from the times of its run in one process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seatrial.insight.model import Parallel
from seatrial.model.result import TestResult

# Seconds that the start of a worker costs beside its own collection.
_WORKER = 0.2
# Saving less is not worth the trouble: so many seconds, and such a share of the suite.
_LEAST_SECONDS, _LEAST_SHARE = 0.5, 0.15
# Tests that took longer in all than the suite did ran at once already.
_AT_ONCE = 1.1
_FUNCTION = "function"


def parallel(
    tests: Sequence[TestResult], *, collection: float, running: float, processors: float
) -> Parallel | None:
    """Return what workers would save, ``None`` where it is not worth it.

    ``collection`` are the seconds until the tests were known, ``running`` those from then on, and
    ``processors`` how many the suite has to itself.

    Each worker collects all tests, and sets up anew what is set up once in a process. The rest is
    shared out: at best evenly, and never shorter than the longest test.
    """
    total = sum(test.seconds for test in tests)
    workers = min(int(processors), len(tests))
    if workers < 2 or total > _AT_ONCE * running:
        return None
    anew = sum(_wide(test) for test in tests)
    longest = max(test.seconds - _wide(test) for test in tests)
    shared = max((total - anew) / workers, longest)
    saved = total - anew - shared - collection - _WORKER * workers
    if saved < max(_LEAST_SECONDS, _LEAST_SHARE * (collection + running)):
        return None
    return Parallel(workers, len(tests), longest, saved)


def _wide(test: TestResult) -> float:
    return sum(fixture.seconds for fixture in test.fixtures if fixture.scope != _FUNCTION)


def alone(
    span: tuple[float, float], others: Iterable[tuple[float, float]], processors: int
) -> float:
    """Return how many processors other spans of a run left to this one, on average."""
    begin, end = span
    if end <= begin:
        return 0.0
    taken = sum(max(0.0, min(end, other[1]) - max(begin, other[0])) for other in others)
    return processors - taken / (end - begin)
