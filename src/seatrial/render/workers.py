"""The words for how many workers a suite has, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seatrial.planning.workers import Reason, Spread
from seatrial.render.text import duration, plural
from seatrial.render.width import printable

_Words = Callable[[Spread], str]

_REASONS: Mapping[Reason, _Words] = {
    Reason.PAYS: lambda one: (
        f"its past lets expect {duration(one.spread)} in the place of {duration(one.alone)}"
    ),
    Reason.MEASURED: lambda one: (
        f"runs with workers took {duration(one.spread)}, without {duration(one.alone)}"
    ),
    Reason.ASKED: lambda _: "seatrial.toml says parallel = true",
    Reason.OFF: lambda _: "seatrial.toml says parallel = false",
    Reason.NARROWED: lambda _: "only some of its tests were asked for",
    Reason.COVERAGE: lambda _: "its coverage is measured",
    Reason.UNREACHED: lambda _: "its command does not start pytest itself",
    Reason.NO_PAST: lambda _: "it has no past to judge by",
    Reason.NO_XDIST: lambda _: "pytest-xdist is not installed",
    Reason.OWN: lambda _: "its own options set -n",
    Reason.ONE_SLOT: lambda _: "there is one processor, or --jobs 1",
    Reason.SHORT: lambda one: (
        f"it takes {duration(one.alone)}, with workers about {duration(one.spread)}"
    ),
    Reason.ONE_FILE: lambda one: (
        f"one file has most of its {duration(one.alone)}, and a file stays in one worker"
    ),
    Reason.BUSY: lambda _: "the other suites of its stage keep the processors busy",
    Reason.SHARED: lambda one: f"there is one {printable(one.detail)}",
    Reason.SLOWER: lambda one: (
        f"runs with workers took {duration(one.spread)}, without {duration(one.alone)}"
    ),
    Reason.FAILED: lambda _: "it failed with workers; a run without shows whether for that",
    Reason.FAILS: lambda _: "it failed with workers, and passed without on the same files",
}


def spread_text(spread: Spread) -> str:
    """Return ``2 workers: runs with workers took 4.1s, without 7.9s``."""
    many = plural(spread.workers, "worker") if spread.workers else "no workers"
    own = ""
    if (
        spread.apart is not None
        and spread.workers
        and (spread.apart.cloned or spread.apart.numbered)
    ):
        names = (*spread.apart.cloned, *spread.apart.numbered)
        own = f"; each has a database of its own in {', '.join(map(printable, names))}"
    return f"{many}: {_REASONS[spread.reason](spread)}{own}"


def is_worth_saying(spread: Spread) -> bool:
    """Return whether somebody may wonder: not where no worker could have been had."""
    return spread.reason not in (Reason.NO_PAST, Reason.NO_XDIST)
