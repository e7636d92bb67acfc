"""How many workers of pytest-xdist a suite gets, and why. Pure.

A suite is spread only where its past says that this makes its stage shorter, and where runs have
shown it since. Each file stays with one worker, so that what its tests share is set up once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from seatrial.model.expected import Expected
from seatrial.model.project import Suite
from seatrial.planning.loads import Item, placed

if TYPE_CHECKING:
    from seatrial.composefile.apart import Apart
    from seatrial.history.model import SuiteRun

# A suite that takes less than this, in seconds, takes as long with workers.
LEAST = 1.0
# Seconds until workers are asked to start, and how much of what comes on top of the tests (imports,
# collection) comes again in them: they do it side by side, and get in each other's way.
_START = 0.5
_AGAIN = 1.2
# What a stage must win to be worth the machine's trouble, in seconds and as a part of itself.
_LEAST_WON = 1.0
_WORTH = 0.8
# A worker more must win as much.
_BETTER = 0.95
# Runs that count, runs with workers that are needed for a verdict, what no longer counts as slower,
# and how far apart the numbers of tests of two runs may be whose times are compared.
_NEWEST = 5
_ENOUGH = 2
_SLOWER = 0.95
_NEAR = 0.2


class Reason(StrEnum):
    """Why a suite has workers, or has none."""

    PAYS = "pays"
    MEASURED = "measured"
    ASKED = "asked"
    OFF = "off"
    NARROWED = "narrowed"
    COVERAGE = "coverage"
    UNREACHED = "unreached"
    NO_PAST = "no-past"
    NO_XDIST = "no-xdist"
    OWN = "own-options"
    ONE_SLOT = "one-slot"
    SHORT = "short"
    ONE_FILE = "one-file"
    BUSY = "busy"
    SHARED = "shared"
    SLOWER = "slower"
    FAILED = "failed"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Spread:
    """The ``workers`` of a suite, 0 for none, and the ``reason``.

    ``alone`` and ``spread`` are seconds that it takes without and with workers, as far as the
    reason is about them; ``detail`` says what it is that is shared, ``apart`` of which servers
    each worker gets a database of its own.
    """

    workers: int
    reason: Reason
    alone: float = 0.0
    spread: float = 0.0
    detail: str = ""
    apart: Apart | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a suite: its runs, the newest first, the seconds of the tests in each file,
    those that no test accounts for, and what its workers would share (empty for nothing)."""

    runs: Sequence[SuiteRun] = ()
    files: Mapping[str, float] = field(default_factory=dict)
    overhead: float = 0.0
    shared: str = ""

    @property
    def alone(self) -> float:
        """Return the seconds of a run without workers."""
        return self.overhead + sum(self.files.values())


@dataclass(frozen=True, slots=True)
class Machine:
    """How many workers there may be (processors, and ``--jobs``), and the seconds that all other
    suites of the stage take together."""

    slots: int
    others: float = 0.0


def is_looked_at(suite: Suite, expected: Expected) -> bool:
    """Return whether workers come into question: for pytest, where it is long or the user says."""
    long = expected.suites.get(suite.id, 0.0) >= LEAST
    return suite.runner == "pytest" and (long or suite.parallel is not None)


def decide(known: Known, machine: Machine, asked: bool | None) -> Spread:
    """Return the workers of a suite; ``asked`` is what the user's file says, if it says something.

    Who asks for workers gets them wherever they can be had, also where no run shows that they pay.
    """
    if asked is False:
        return Spread(0, Reason.OFF)
    if not known.runs and not asked:
        return Spread(0, Reason.NO_PAST)
    if machine.slots < 2:
        return Spread(0, Reason.ONE_SLOT)
    if known.runs and not known.runs[0].spreads:
        return Spread(0, Reason.NO_XDIST)
    if any(run.workers and run.workers != run.asked for run in known.runs[:1]):
        return Spread(0, Reason.OWN)
    if known.shared:
        return Spread(0, Reason.SHARED, detail=known.shared)
    if asked:
        return Spread(machine.slots, Reason.ASKED)
    return _failed(known.runs) or _estimated(known, machine)


def _failed(runs: Sequence[SuiteRun]) -> Spread | None:
    """Return that a suite has to run without, where it failed with workers and perhaps for them."""
    good = {run.inputs for run in runs if run.passed and not run.workers and run.inputs}
    if any(run.asked and not run.passed and run.inputs in good for run in runs):
        return Spread(0, Reason.FAILS)
    if runs[0].asked and not runs[0].passed:
        return Spread(0, Reason.FAILED)
    return None


def _estimated(known: Known, machine: Machine) -> Spread:
    best, spread = 1, known.alone
    for workers in range(2, min(machine.slots, len(known.files)) + 1):
        seconds = estimate(known, workers)
        if seconds < _BETTER * spread:
            best, spread = workers, seconds
    measured = _measured(known.runs) if best > 1 else None
    if measured is not None:
        shown = best if measured.reason is Reason.MEASURED else 0
        return replace(measured, workers=shown)
    if not _pays(known.alone, spread):
        longest = max(known.files.values(), default=0.0)
        reason = Reason.ONE_FILE if longest > known.alone / 2 else Reason.SHORT
        return Spread(0, reason, known.alone, spread)
    # All of a stage shares the processors: what its other suites take is not won by workers.
    before = max(known.alone, (machine.others + known.alone) / machine.slots)
    more = machine.others + known.alone + (best - 1) * known.overhead
    if not _pays(before, max(spread, more / machine.slots)):
        return Spread(0, Reason.BUSY, known.alone, spread)
    return Spread(best, Reason.PAYS, known.alone, spread)


def _pays(alone: float, spread: float) -> bool:
    return alone - spread >= _LEAST_WON and spread <= _WORTH * alone


def estimate(known: Known, workers: int) -> float:
    """Return the seconds that the suite takes with so many workers, a file staying in one."""
    items = [Item(file, seconds) for file, seconds in known.files.items()]
    longest = max((load.seconds for load in placed(items, workers)), default=0.0)
    return _START + _AGAIN * known.overhead + longest


def _measured(runs: Sequence[SuiteRun]) -> Spread | None:
    """Compare the newest good runs with workers with those without, of about as many tests."""
    # It costs milliseconds, which runs without a past need not pay.
    from statistics import median

    good = [run for run in runs if run.passed]
    tests = good[0].tests if good else 0
    near = [run for run in good if abs(run.tests - tests) <= _NEAR * tests]
    spread = [run.seconds for run in near if run.asked and run.workers][:_NEWEST]
    alone = [run.seconds for run in near if not run.workers][:_NEWEST]
    if len(spread) < _ENOUGH or not alone:
        return None
    slower = median(spread) > _SLOWER * median(alone)
    reason = Reason.SLOWER if slower else Reason.MEASURED
    return Spread(0, reason, median(alone), median(spread))
