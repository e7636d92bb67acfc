"""What the test files of a suite weigh. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from seatrial.planning.loads import Item

# Of the seconds that no test accounts for, the start of the runner with what all files import is
# the same in each piece; the rest is the files' own imports. Nothing tells how much is which.
_FIXED = 0.5


@dataclass(frozen=True, slots=True)
class Files:
    """The test files of a suite that can be cut, with the ``seconds`` of each.

    ``fixed`` are those that every piece takes on top: the start of the runner, what it collects.
    """

    seconds: Mapping[str, float]
    fixed: float = 0.0

    def of(self, files: Iterable[str]) -> float:
        """Return the seconds of a piece with these ``files``."""
        return self.fixed + sum(self.seconds.get(file, 0.0) for file in files)

    def items(self, suite: str, needs: Mapping[str, float]) -> list[Item]:
        """Return the files as items of ``suite``, which ``needs`` something of its own."""
        every = {**needs, f"runner of {suite}": self.fixed}
        return [Item(suite, seconds, file, every) for file, seconds in self.seconds.items()]

    def pieces(self, fair: float, count: int, more: float) -> int:
        """Return into how many pieces to cut: ``more`` times as many as fill ``fair`` parts."""
        room = fair - self.fixed
        wanted = more * sum(self.seconds.values()) / room if room > 0 else math.inf
        return max(2, min(count, len(self.seconds), math.ceil(min(wanted, count))))


@dataclass(frozen=True, slots=True)
class FileTimes:
    """Seconds of the tests in each of a suite's files, and those that no test accounts for."""

    files: Mapping[str, float] = field(default_factory=dict)
    overhead: float = 0.0

    @property
    def seconds(self) -> float:
        """Return the seconds of all of them together."""
        return self.overhead + sum(self.files.values())


def weighed(files: Iterable[str], known: FileTimes, whole: float) -> Files:
    """Return what ``files`` weigh, of a suite that takes ``whole`` seconds.

    A file without a past weighs as the median of the others. Where tests run side by side, their
    seconds are more than those of the suite, and all count for less.
    """
    names = sorted(set(files))
    past = {name: known.files[name] for name in names if name in known.files}
    overhead = known.overhead
    if not past:
        return Files(dict.fromkeys(names, whole / max(1, len(names))))
    from statistics import median

    fixed = _FIXED * min(overhead, whole)
    room = whole - overhead
    total = sum(past.values())
    scale = room / total if 0 < room < total else 1.0
    each = (overhead - fixed) / len(past)
    usual = median(past.values())
    return Files({name: scale * past.get(name, usual) + each for name in names}, fixed)
