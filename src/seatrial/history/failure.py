"""The words of a failure that was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from seatrial.events import Event, SuiteFinished, TestFinished
from seatrial.model.result import Outcome, TestResult


def failure_in(recording: Iterable[Event], suite: str, test: str) -> TestResult | None:
    """Return ``test`` as it ended in a recorded run in which it failed, at first or for good.

    ``None`` where nothing of it is left.
    """
    found = None
    with suppress(OSError):
        for event in recording:
            if isinstance(event, SuiteFinished) and event.result.suite == suite:
                # Only here it is told how to run the test alone.
                told = (*event.result.failures, *event.result.flaky)
                return next((one for one in told if one.id == test), found)
            if isinstance(event, TestFinished) and (event.suite, event.result.id) == (suite, test):
                result = event.result
                found = result if result.earlier or result.outcome is not Outcome.PASSED else found
    return found
