"""How far a run is: a number that only grows, for clients that wait as long as it does."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial import events
from seatrial.events import Event
from seatrial.render.steps import step_text, tests_text

# Which part of a suite's tests is worth a notification.
_PART = 0.1


@dataclass(frozen=True, slots=True)
class Step:
    """So much is done, of ``total``; ``text`` says what came last."""

    done: float
    total: int
    text: str


@dataclass(slots=True)
class _Tests:
    """The tests of a suite that runs, and at how many of them it was told last."""

    total: int
    finished: int = 0
    told: int = 0


class Progress:
    """Counts the suites of a run and their environments; one that runs counts by its tests."""

    def __init__(self) -> None:
        self._total = 0
        self._through = 0
        self._running: dict[str, _Tests] = {}

    def take(self, event: Event) -> Step | None:
        """Take one event; return a step where a suite, a tenth of one, or a boot is through."""
        match event:
            case events.RunStarted(suites=suites):
                self._total = len(suites) + len({one.environment for one in suites} - {""})
            case events.TestsCollected(suite=suite, total=total):
                self._running.setdefault(suite, _Tests(total))
            case events.TestFinished(suite=suite):
                return self._test(suite)
            case events.SuiteFinished(result=result):
                self._running.pop(result.suite, None)
        text = step_text(event)
        if text is None:
            return None
        self._through += 1
        return self._step(text)

    def _test(self, suite: str) -> Step | None:
        tests = self._running.get(suite)
        # Tests that are retried end more than once.
        if tests is None or tests.finished + 1 >= tests.total:
            return None
        tests.finished += 1
        if tests.finished - tests.told < _PART * tests.total:
            return None
        tests.told = tests.finished
        return self._step(tests_text(suite, tests.finished, tests.total))

    def _step(self, text: str) -> Step:
        parts = sum(one.told / one.total for one in self._running.values() if one.total)
        done = self._through + parts
        # A boot that was not planned for is no reason to be over the end.
        return Step(done, max(self._total, -int(-done // 1)), text)
