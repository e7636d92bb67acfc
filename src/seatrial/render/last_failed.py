"""The words for what ``--last-failed`` chose and why."""

from __future__ import annotations

from seatrial.model.failed import FailedBefore
from seatrial.render.text import plural


def failed_text(failed: FailedBefore) -> str:
    """Return why a suite runs again: ``2 tests failed when they last ran (run 20260412-…)``."""
    tests = len(failed.tests)
    they = "it" if tests == 1 else "they"
    what = f"{plural(tests, 'test')} failed when {they} last ran"
    return f"{what if tests else 'it failed as a whole'} (run {failed.run})"


def nothing_failed_text(among: str, *, recorded: bool) -> str:
    """Return one line that says why all suites run; ``among`` is what was asked for."""
    if not recorded:
        return "no run is recorded here; all suites run"
    return f"no test of {among} failed when it last ran; all suites run"
