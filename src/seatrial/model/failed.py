"""What failed when it last ran."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.model.result import TestResult


@dataclass(frozen=True, slots=True)
class FailedBefore:
    """A suite's failed ``tests``; none where all of the suite must run to know more.

    That is so where it broke besides its tests: it could not collect them, crashed, took too long,
    had no environment. ``run`` is the newest recorded run that says so.
    """

    run: str
    tests: tuple[TestResult, ...] = ()
