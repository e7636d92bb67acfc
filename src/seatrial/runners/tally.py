"""Counts the tests of one suite as they end, and keeps what failed. No runner is known here."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.model.result import Counts, Outcome, TestResult
from seatrial.runners.base import Finished

BAD = (Outcome.FAILED, Outcome.ERROR)
# From good to bad; of two results under one id the worse one stands.
_ORDER = (
    Outcome.SKIPPED,
    Outcome.XFAILED,
    Outcome.XPASSED,
    Outcome.PASSED,
    Outcome.ERROR,
    Outcome.FAILED,
)


class Tally:
    """The finished tests of a suite, each id once."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Outcome] = {}
        self._failures: dict[str, TestResult] = {}
        self._flaky: dict[str, TestResult] = {}
        self._counts = dict.fromkeys(Outcome, 0)

    def __len__(self) -> int:
        return len(self._outcomes)

    def add(self, result: TestResult) -> Iterable[Finished]:
        """Take a result; yield it unless the same id is known to have ended as badly before."""
        before = self._outcomes.get(result.id)
        if before is not None:
            if _ORDER.index(result.outcome) <= _ORDER.index(before):
                return
            self._counts[before] -= 1
        self._outcomes[result.id] = result.outcome
        self._counts[result.outcome] += 1
        if result.outcome in BAD:
            self._failures[result.id] = result
        self._flaky.pop(result.id, None)
        if result.is_flaky:
            self._flaky[result.id] = result
        yield Finished(result)

    @property
    def flaky(self) -> tuple[TestResult, ...]:
        """Return the tests that passed, having failed before that."""
        return tuple(self._flaky.values())

    def discard(self, test: str) -> None:
        """Forget a test that turned out to be a mere container of others."""
        outcome = self._outcomes.pop(test, None)
        if outcome is not None:
            self._counts[outcome] -= 1
            self._failures.pop(test, None)
            self._flaky.pop(test, None)

    @property
    def counts(self) -> Counts:
        """Return the counts so far."""
        return Counts(**{outcome.value: number for outcome, number in self._counts.items()})

    @property
    def failures(self) -> tuple[TestResult, ...]:
        """Return the failed tests in the order in which they failed."""
        return tuple(self._failures.values())


def fuller(first: Counts, second: Counts) -> Counts:
    """Return the larger of two counts for each outcome: a summary against what was seen."""
    return Counts(
        **{
            outcome.value: max(getattr(first, outcome.value), getattr(second, outcome.value))
            for outcome in Outcome
        }
    )
