"""From counts, report and exit code to a verdict. Where they disagree, the verdict is fail."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.model.result import Counts, Doubt, Verdict


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known once the runner has ended.

    ``reported`` says that a reporter inside the runner spoke, ``complete`` that it also said
    farewell. ``understood`` says that counts were had from anywhere at all; ``unfinished`` that
    fewer tests ended than were collected. ``trusted`` marks a command of which only the exit code
    is asked for. ``none`` says that the runner itself found no test.
    """

    exit_code: int
    counts: Counts
    reported: bool = True
    complete: bool = True
    understood: bool = True
    unfinished: bool = False
    collection_errors: bool = False
    crashed: bool = False
    usage: bool = False
    trusted: bool = False
    none: bool = False


def judge(evidence: Evidence) -> tuple[Verdict, Doubt]:
    """Return the verdict and, where it is not simply what was said, why."""
    if doubt := _broken(evidence):
        return Verdict.FAILED, doubt
    counts, code = evidence.counts, evidence.exit_code
    if counts.bad:
        return Verdict.FAILED, Doubt.NONE if code else Doubt.EXIT_ZERO
    if evidence.none and not counts.passed:
        return Verdict.NO_TESTS, Doubt.NONE
    if code:
        by_exit_code_alone = evidence.trusted and not evidence.understood
        return Verdict.FAILED, Doubt.NONE if by_exit_code_alone else Doubt.EXIT_NONZERO
    if not evidence.understood:
        verdict = Verdict.PASSED if evidence.trusted else Verdict.FAILED
        return verdict, Doubt.NO_REPORT
    if not counts.total:
        return Verdict.NO_TESTS, Doubt.NONE
    if evidence.unfinished:
        return Verdict.FAILED, Doubt.REPORT_CUT
    return Verdict.PASSED, Doubt.NONE if evidence.reported else Doubt.NO_REPORT


def _broken(evidence: Evidence) -> Doubt:
    """Return why the runner's word cannot be taken at all; ``NONE`` where it can."""
    if evidence.crashed:
        return Doubt.WORKER_CRASHED
    if evidence.collection_errors:
        return Doubt.COLLECTION
    if evidence.usage:
        return Doubt.USAGE
    if evidence.reported and not evidence.complete:
        return Doubt.REPORT_CUT
    if not evidence.understood and evidence.exit_code and not evidence.trusted:
        return Doubt.NO_REPORT
    return Doubt.NONE
