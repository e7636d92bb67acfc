"""Flaky tests: those that both passed and failed with the same inputs. Pure.

The same inputs are the same files, the same runtime below the environment and the same long options
for the runner. A test that passed only when it was tried again has both outcomes in one run.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from seatrial.history.outcomes import PastTest
from seatrial.model.result import Outcome

_BAD = (Outcome.FAILED, Outcome.ERROR)


@dataclass(frozen=True, slots=True)
class FlakyTest:
    """A test that does not end the same way twice.

    Of the ``ran`` runs in which it could have passed it ``failed`` in some for good, and in
    ``retried`` ones until it was tried again. ``runs`` are the ids of both, the newest first;
    ``last`` is when the newest began, in seconds since the epoch. Failures with inputs with which
    it never passed are none of these: there it may well have been broken.
    """

    suite: str
    test: str
    ran: int
    failed: int
    retried: int
    runs: tuple[str, ...]
    last: float


def flaky_tests(past: Iterable[PastTest]) -> list[FlakyTest]:
    """Return the flaky tests, those that fail most often first.

    ``past`` holds the runs of each test next to each other, the oldest first.
    """
    found = [_flaky(list(runs)) for _, runs in groupby(past, lambda one: (one.suite, one.test))]
    known = [one for one in found if one is not None]
    return sorted(known, key=lambda one: (-len(one.runs) / one.ran, -one.ran, one.suite, one.test))


def _flaky(past: Sequence[PastTest]) -> FlakyTest | None:
    passed = [one for one in past if one.outcome is Outcome.PASSED]
    retried = [one for one in passed if one.attempts > 1]
    good = {inputs for one in passed if (inputs := _inputs(one))}
    failed = [one for one in past if one.outcome in _BAD and _inputs(one) in good]
    bad = sorted([*retried, *failed], key=lambda one: one.run, reverse=True)
    if not bad:
        return None
    return FlakyTest(
        bad[0].suite,
        bad[0].test,
        len(passed) + len(failed),
        len(failed),
        len(retried),
        tuple(one.run for one in bad),
        bad[0].started,
    )


def _inputs(past: PastTest) -> tuple[str, ...]:
    """Return all that a test ran on; nothing where that is not known."""
    if not past.inputs:
        return ()
    try:
        words = shlex.split(past.selection)
    except ValueError:
        # Nothing that we have written.
        return ()
    ours = words[words.index("--") + 1 :] if "--" in words else []
    # Which tests run, and what is told of them, is said by short options and by names.
    options = sorted(word for word in ours if word.startswith("--"))
    return (past.inputs, past.runtime, *options)
