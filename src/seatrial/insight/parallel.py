"""What pytest-xdist would save a suite, reckoned from the times of its run in one process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from seatrial.insight.model import Parallel
from seatrial.model.result import TestResult
from seatrial.planning.workers import Known, estimate

# Saving less is not worth the trouble: so many seconds, and such a share of the suite.
_LEAST_SECONDS, _LEAST_SHARE = 1.0, 0.2
# Tests that took longer in all than the suite did ran at once already.
_AT_ONCE = 1.1
# Scopes of fixtures that one process sets up once, and each worker once more.
_OF_A_PROCESS = frozenset(("package", "session"))


def parallel(tests: Sequence[TestResult], *, seconds: float, processors: float) -> Parallel | None:
    """Return what workers would save, ``None`` where it is not worth it.

    ``seconds`` is what the suite took, and ``processors`` how many it has to itself. The estimate
    is that of the planner, who keeps each file in one worker: what is set up once in a process, and
    what no test accounts for (imports, collection), each worker does anew.
    """
    files: dict[str, float] = defaultdict(float)
    anew = 0.0
    for test in tests:
        again = sum(f.seconds for f in test.fixtures if f.scope in _OF_A_PROCESS)
        files[test.id.partition("::")[0]] += test.seconds - again
        anew += again
    total = anew + sum(files.values())
    most = min(int(processors), len(files))
    if most < 2 or total > _AT_ONCE * seconds:
        return None
    known = Known(files=files, overhead=max(0.0, seconds - total) + anew)
    spread = {workers: estimate(known, workers) for workers in range(2, most + 1)}
    workers = min(spread, key=lambda number: spread[number])
    saved = known.alone - spread[workers]
    if saved < max(_LEAST_SECONDS, _LEAST_SHARE * known.alone):
        return None
    return Parallel(workers, len(files), max(files.values()), saved)


def alone(
    span: tuple[float, float], others: Iterable[tuple[float, float]], processors: int
) -> float:
    """Return how many processors other spans of a run left to this one, on average."""
    begin, end = span
    if end <= begin:
        return 0.0
    taken = sum(max(0.0, min(end, other[1]) - max(begin, other[0])) for other in others)
    return processors - taken / (end - begin)
