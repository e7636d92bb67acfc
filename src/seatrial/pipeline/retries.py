"""Tests that failed and are tried again: what has become of a suite after each attempt. Pure.

A test that passes in a later attempt is flaky, and keeps the failures before. The suite passes only
where all of its tests have passed at last, and the last attempt as a whole: what was hidden by a
failure before (a worker that crashed, a code that is not 0) is none that an attempt can undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seatrial.model.result import Attempt, Counts, Doubt, Outcome, TestResult, Verdict
from seatrial.runners.base import Ending

# What a suite is called among tests where its runner names none, and all of it is tried again.
WHOLE = "(suite)"
# The failures of tests that ran to their end are the only ones that another attempt may undo.
_PLAIN = (Doubt.NONE, Doubt.EXIT_ZERO)
_BAD = (Outcome.FAILED, Outcome.ERROR)


class Tried:
    """A suite after its first attempt, changed by those that follow.

    ``outcomes`` are those of all tests of the first attempt, by their ids.
    """

    def __init__(self, first: Ending, outcomes: Mapping[str, Outcome]) -> None:
        self.attempts = 1
        self._ending = first
        self._bad = {test.id: test for test in first.failures}
        self._flaky = {test.id: test for test in first.flaky}
        self._outcomes = dict(outcomes)
        self._counts = first.counts
        self._healed = False

    @property
    def ending(self) -> Ending:
        """Return how the suite ended, as far as it was tried."""
        verdict, doubt = self._ending.verdict, self._ending.doubt
        if self._healed:
            verdict, doubt = Verdict.PASSED, Doubt.NONE
        return replace(
            self._ending,
            verdict=verdict,
            doubt=doubt,
            counts=self._counts,
            failures=tuple(self._bad.values()),
            flaky=tuple(self._flaky.values()),
        )

    @property
    def may_pass(self) -> bool:
        """Return whether another attempt could undo what failed.

        It could not where the runner broke, or stopped before it had run all tests.
        """
        ending = self._ending
        failed = ending.verdict is Verdict.FAILED and ending.doubt in _PLAIN
        return failed and not self._healed and ending.complete

    @property
    def only(self) -> tuple[TestResult, ...]:
        """Return the tests to run again; none where no test has a name: then all of the suite."""
        return tuple(self._bad.values())

    def begin(self) -> None:
        """Begin another attempt."""
        self.attempts += 1

    def take(self, result: TestResult) -> TestResult | None:
        """Take a test of this attempt; return it with its past, or nothing where it tells no more.

        A runner may run others with those that it was asked for. One of them that fails now counts.
        """
        before = self._bad.get(result.id)
        is_bad = result.outcome in _BAD
        if before is None:
            if not is_bad or not self._ending.failures:
                return None
            self._count(result)
            known = self._flaky.pop(result.id, None)
            earlier, attempts = (known.earlier, known.attempts) if known else ((), 2)
            self._bad[result.id] = replace(result, earlier=earlier, attempts=attempts)
            return self._bad[result.id]
        if not is_bad and result.outcome is not Outcome.PASSED:
            # Skipped is not passed.
            return None
        after = again(before, result)
        self._count(result)
        if is_bad:
            self._bad[result.id] = after
        else:
            del self._bad[result.id]
            self._flaky[result.id] = after
        return after

    def end(self, ending: Ending, seconds: float) -> TestResult | None:
        """End this attempt; return the whole suite as a test where that is what passed."""
        whole = None
        if not self._ending.failures:
            if ending.verdict is Verdict.PASSED:
                whole = self._whole_passed(ending, seconds)
        elif not self._bad:
            # A failure that was counted and has no name may still be one.
            self._healed = ending.verdict is Verdict.PASSED and not self._counts.bad
        if not self._healed and ending.doubt not in _PLAIN:
            self._ending = replace(self._ending, doubt=ending.doubt, tail=ending.tail)
        return whole

    def _whole_passed(self, ending: Ending, seconds: float) -> TestResult:
        tail = "\n".join(self._ending.tail)
        last = self._ending.tail[-1] if self._ending.tail else ""
        first = Attempt(Outcome.FAILED, message=last, text=tail)
        whole = TestResult(WHOLE, Outcome.PASSED, seconds, attempts=self.attempts, earlier=(first,))
        self._healed = True
        self._counts = ending.counts
        self._flaky[WHOLE] = whole
        return whole

    def _count(self, result: TestResult) -> None:
        """Count a test by its new outcome in place of the one before."""
        numbers = {outcome.value: getattr(self._counts, outcome.value) for outcome in Outcome}
        before = self._outcomes.get(result.id)
        if before is not None:
            numbers[before.value] -= 1
        numbers[result.outcome.value] += 1
        self._outcomes[result.id] = result.outcome
        self._counts = Counts(**numbers)


def again(before: TestResult, result: TestResult) -> TestResult:
    """Return the ``result`` of a test that failed ``before``, with its past."""
    failed = Attempt(
        *(before.outcome, before.seconds, before.message, before.text),
        *(before.file, before.line, before.started),
    )
    return replace(
        result,
        attempts=before.attempts + result.attempts,
        earlier=(*before.earlier, failed, *result.earlier),
    )
