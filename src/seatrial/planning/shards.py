"""Splits suites over machines so that all take about as long. Pure.

Equal inputs give equal parts on every machine, for each of them works out the whole split and runs
its own part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from seatrial.errors import UsageError

# Seconds of a suite where nothing has a past: all weigh the same.
_UNKNOWN = 1.0
_SHARD = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number``, from 1, ``of`` so many."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Part:
    """The ids of the suites of one shard, sorted, and the seconds that they are taken to need."""

    suites: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Split:
    """All parts of a split that hold a suite, the first one first."""

    parts: tuple[Part, ...]

    def part(self, shard: Shard) -> Part:
        """Return the part of ``shard``; there may be nothing in it."""
        return self.parts[shard.number - 1] if shard.number <= len(self.parts) else Part()

    @property
    def suites(self) -> int:
        """Return how many suites were split."""
        return sum(len(part.suites) for part in self.parts)

    @property
    def mark(self) -> str:
        """Return eight digits that are the same wherever the split is the same."""
        import json
        from hashlib import sha256

        ids = json.dumps([part.suites for part in self.parts])
        return sha256(ids.encode("utf-8", "backslashreplace")).hexdigest()[:8]


def parse_shard(text: str) -> Shard:
    """Return what ``K/N`` means. Raises ``UsageError``."""
    found = _SHARD.fullmatch(text)
    number, of = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= of:
        raise UsageError(
            f"--shard: {text!r} is no part of a whole",
            mend="give K/N with K from 1 to N, such as 2/3",
        )
    return Shard(number, of)


def split(suites: Iterable[str], count: int, seconds: Mapping[str, float]) -> Split:
    """Return ``suites`` in ``count`` parts: the longest first, each to where least is to be done.

    ``seconds`` says how long suites took. One without a past is taken to be as long as the median
    of those that have one. Of equal suites the first by id goes first, of equal parts the one with
    fewest suites.
    """
    ids = sorted(set(suites))
    weights = estimates(ids, seconds)
    number = min(count, len(ids))
    parts: list[list[str]] = [[] for _ in range(number)]
    loads = [0.0] * number
    for suite in sorted(ids, key=lambda one: (-weights[one], one)):
        lightest = min(range(number), key=lambda index: (loads[index], len(parts[index]), index))
        parts[lightest].append(suite)
        loads[lightest] += weights[suite]
    return Split(
        tuple(Part(tuple(sorted(part)), load) for part, load in zip(parts, loads, strict=True))
    )


def estimates(suites: Sequence[str], seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds that each of ``suites`` is taken to need, from the ``seconds`` known."""
    # It costs milliseconds, which runs without a past need not pay.
    from statistics import median

    usual = median([seconds[one] for one in suites if one in seconds] or [_UNKNOWN])
    return {one: seconds.get(one, usual) for one in suites}
