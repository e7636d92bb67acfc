"""Splits suites over machines so that all take about as long. Pure.

Equal inputs give equal parts on every machine, for each of them works out the whole split and runs
its own part of it. A suite that is longer than a fair part is cut by its test files where that
makes the longest part shorter; every file is then in exactly one part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seatrial.errors import UsageError
from seatrial.model.project import Piece
from seatrial.planning.files import Files
from seatrial.planning.loads import Item, Load, placed

# Seconds of a suite where nothing has a past: all weigh the same.
_UNKNOWN = 1.0
_SHARD = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")
# A suite is cut where it is so much longer than a fair part, and where the longest part is then at
# most so much of what it was: what a cut saves must be worth the start of the runner in each part.
_TOO_LONG = 1.05
_WORTH = 0.95
# How many more pieces are tried than would do if they were alone, and what more of them must save.
_PIECES = (1.0, 1.3, 1.7, 2.5, 4.0, float("inf"))
_BETTER = 0.98


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number``, from 1, ``of`` so many."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True, slots=True)
class Part:
    """The ids of the suites of one shard, sorted, and the seconds that they are taken to need.

    ``pieces`` says of which of them it has some files only.
    """

    suites: tuple[str, ...] = ()
    seconds: float = 0.0
    pieces: Mapping[str, Piece] = field(default_factory=dict)


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
        return len({suite for part in self.parts for suite in part.suites})

    @property
    def mark(self) -> str:
        """Return eight digits that are the same wherever the split is the same."""
        import json
        from hashlib import sha256

        ids: list[object] = [part.suites for part in self.parts]
        ids += [{s: (p.files, p.rest) for s, p in part.pieces.items()} for part in self.parts]
        text = json.dumps(ids, sort_keys=True)
        return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:8]


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


def split(
    suites: Iterable[str],
    count: int,
    seconds: Mapping[str, float],
    files: Mapping[str, Files] | None = None,
    boots: Mapping[str, tuple[str, float]] | None = None,
) -> Split:
    """Return ``suites`` in ``count`` parts: the longest first, each to where least is to be done.

    ``seconds`` says how long suites took. One without a past is taken to be as long as the median
    of those that have one. Of equal suites the first by id goes first, of equal parts the one with
    fewest suites. ``files`` says what is in those that can be cut, ``boots`` which environment a
    suite needs and the seconds until that is up: they count once in each part that needs it.
    """
    ids = sorted(set(suites))
    weights = estimates(ids, seconds)
    whole = [_whole(suite, weights[suite], (boots or {}).get(suite)) for suite in ids]
    loads = placed(whole, count)
    cut = _to_cut(whole, too_long(ids, count, seconds), files or {})
    return Split(_parts(_with_cuts(whole, cut, count, loads) if cut else loads))


def estimates(suites: Sequence[str], seconds: Mapping[str, float]) -> dict[str, float]:
    """Return the seconds that each of ``suites`` is taken to need, from the ``seconds`` known."""
    # It costs milliseconds, which runs without a past need not pay.
    from statistics import median

    usual = median([seconds[one] for one in suites if one in seconds] or [_UNKNOWN])
    return {one: seconds.get(one, usual) for one in suites}


def _whole(suite: str, seconds: float, boot: tuple[str, float] | None) -> Item:
    return Item(suite, seconds, needs={f"environment {boot[0]}": boot[1]} if boot else {})


def too_long(suites: Iterable[str], count: int, seconds: Mapping[str, float]) -> tuple[str, ...]:
    """Return those ``suites`` that are longer than one of ``count`` fair parts, sorted."""
    ids = sorted(set(suites))
    weights = estimates(ids, seconds)
    limit = _TOO_LONG * sum(weights.values()) / count
    return tuple(one for one in ids if count > 1 and weights[one] > limit)


def _to_cut(
    whole: Sequence[Item], long: Iterable[str], files: Mapping[str, Files]
) -> dict[Item, Files]:
    """Return the suites that are cut if it pays, with what is in them."""
    cut = {suite for suite in long if suite in files and len(files[suite].seconds) > 1}
    return {item: files[item.suite] for item in whole if item.suite in cut}


def _with_cuts(
    whole: Sequence[Item], cut: Mapping[Item, Files], count: int, uncut: Sequence[Load]
) -> Sequence[Load]:
    """Return the best of a few ways to cut; the fewest pieces that do, or none at all."""
    best, limit = uncut, _WORTH
    items = [item for item in whole if item not in cut]
    for item, known in cut.items():
        items += known.items(item.suite, item.needs)
    # No part can be shorter than the longest of what is in them.
    fair = sum(item.seconds for item in whole) / count
    fair = max(fair, *(item.seconds + sum(item.needs.values()) for item in items))
    for more in _PIECES:
        most = {
            item.suite: known.pieces(fair - sum(item.needs.values()), count, more)
            for item, known in cut.items()
        }
        tried = placed(items, count, most)
        if _longest(tried) < limit * _longest(best):
            best, limit = tried, _BETTER
    return best


def _longest(loads: Sequence[Load]) -> float:
    return max((load.seconds for load in loads), default=0.0)


def _parts(loads: Sequence[Load]) -> tuple[Part, ...]:
    pieces = _pieces(loads)
    return tuple(
        Part(
            tuple(sorted({item.suite for item in load.items})),
            load.seconds,
            pieces[index],
        )
        for index, load in enumerate(loads)
    )


def _pieces(loads: Sequence[Load]) -> list[dict[str, Piece]]:
    """Return the pieces of each part. The rest of a suite goes to the part with least to do."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for index, load in enumerate(loads):
        for suite, files in load.files().items():
            found.setdefault(suite, {})[index] = files
    pieces: list[dict[str, Piece]] = [{} for _ in loads]
    for suite in sorted(found):
        by_part = found[suite]
        if len(by_part) < 2:
            continue
        last = min(by_part, key=lambda index: (loads[index].seconds, index))
        for number, (index, files) in enumerate(by_part.items(), 1):
            piece = Piece(number, len(by_part), files)
            if index == last:
                others = [one for key, of in by_part.items() if key != index for one in of]
                piece = replace(piece, others=tuple(sorted(others)), rest=True)
            pieces[index][suite] = piece
    return pieces
