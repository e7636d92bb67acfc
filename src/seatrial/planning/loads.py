"""Places work in parts of about equal length. Pure.

::

    items, the longest first ──► the part that is done soonest with it ──► loads
                                    │
                                    └─ what an item needs (an environment that boots, a runner that
                                       starts) is paid once in each part
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Item:
    """A suite, or one ``file`` of it; ``needs`` maps what must be there first to its seconds."""

    suite: str
    seconds: float
    file: str = ""
    needs: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(slots=True)
class Load:
    """What one part has, and the ``seconds`` that it takes with all that it needs."""

    seconds: float = 0.0
    items: list[Item] = field(default_factory=list)
    there: set[str] = field(default_factory=set)
    suites: set[str] = field(default_factory=set)

    def with_(self, item: Item) -> float:
        """Return the seconds once ``item`` is here as well."""
        more = sum(cost for name, cost in item.needs.items() if name not in self.there)
        return self.seconds + item.seconds + more

    def take(self, item: Item) -> None:
        """Add ``item``."""
        self.seconds = self.with_(item)
        self.items.append(item)
        self.there |= item.needs.keys()
        self.suites.add(item.suite)

    def files(self) -> dict[str, tuple[str, ...]]:
        """Return the files that are here, sorted, by the suites that were cut."""
        found: dict[str, list[str]] = {}
        for item in self.items:
            if item.file:
                found.setdefault(item.suite, []).append(item.file)
        return {suite: tuple(sorted(files)) for suite, files in found.items()}


def placed(
    items: Iterable[Item], count: int, most: Mapping[str, int] | None = None
) -> Sequence[Load]:
    """Return ``items`` in at most ``count`` loads, none of them empty.

    The longest goes first, each to the load that is done soonest with it. The files of a suite go
    to at most as many loads as ``most`` says. Of equal items the first by its name goes first, of
    equal loads the one with fewest items.
    """
    ordered = sorted(items, key=lambda one: (-one.seconds, one.suite, one.file))
    loads = [Load() for _ in range(min(count, len(ordered)))]
    homes: dict[str, list[int]] = {}
    for item in ordered:
        mine = homes.setdefault(item.suite, [])
        full = bool(item.file) and len(mine) >= (most or {}).get(item.suite, count)
        where = mine if full else range(len(loads))
        best = min(where, key=lambda at: (loads[at].with_(item), len(loads[at].items), at))
        if best not in mine:
            mine.append(best)
        loads[best].take(item)
    return [load for load in loads if load.items]
