"""From the verdicts of suites to the verdict of a stage, a run, and an exit code. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seatrial.errors import (
    EXIT_DEADLINE,
    EXIT_ENVIRONMENT,
    EXIT_FAILED,
    EXIT_GOOD,
    EXIT_INTERRUPTED,
    EXIT_NO_TESTS,
    worst,
)
from seatrial.model.result import Problem, RunResult, SuiteResult, Verdict
from seatrial.planning.plan import Plan
from seatrial.planning.schedule import passes

_EXIT_CODES: Mapping[Verdict, int] = {
    Verdict.PASSED: EXIT_GOOD,
    Verdict.FAILED: EXIT_FAILED,
    Verdict.NO_TESTS: EXIT_FAILED,
    Verdict.DEADLINE: EXIT_DEADLINE,
    Verdict.NO_ENVIRONMENT: EXIT_ENVIRONMENT,
    Verdict.INTERRUPTED: EXIT_INTERRUPTED,
    Verdict.CANCELLED: EXIT_GOOD,
    Verdict.NOT_RUN: EXIT_GOOD,
}
# What a stage is called when its suites ended in several ways: the worst of them.
_GRAVITY = (
    Verdict.INTERRUPTED,
    Verdict.NO_ENVIRONMENT,
    Verdict.DEADLINE,
    Verdict.FAILED,
    Verdict.NO_TESTS,
    Verdict.CANCELLED,
    Verdict.NOT_RUN,
    Verdict.PASSED,
)


def stage_verdict(plan: Plan, results: Sequence[SuiteResult]) -> Verdict:
    """Return the worst verdict of a stage's suites."""
    verdicts = [Verdict.PASSED if passes(plan, r.verdict) else r.verdict for r in results]
    return min(verdicts, key=_GRAVITY.index, default=Verdict.PASSED)


def run_result(
    plan: Plan,
    results: Mapping[str, SuiteResult],
    problems: Sequence[Problem],
    ended: Verdict | None,
    seconds: float,
) -> RunResult:
    """Return how a run ended; ``ended`` is why it was stopped early, if it was."""
    ordered = tuple(results[s.id] for s in plan.suites if s.id in results)
    verdict = stage_verdict(plan, ordered)
    if ended is not None and ended is not Verdict.CANCELLED:
        verdict = ended
    codes = [_code(plan, r) for r in ordered] + [p.exit_code for p in problems]
    if ended is not None:
        codes.append(_EXIT_CODES[ended])
    if _nothing_ran(ordered):
        codes = [code for code in codes if code != EXIT_FAILED] + [EXIT_NO_TESTS]
        verdict = Verdict.NO_TESTS if verdict is Verdict.PASSED else verdict
    return RunResult(verdict, worst(codes), seconds, ordered, tuple(dict.fromkeys(problems)))


def _code(plan: Plan, result: SuiteResult) -> int:
    if passes(plan, result.verdict):
        return EXIT_GOOD
    if result.problem is not None:
        return result.problem.exit_code
    return _EXIT_CODES[result.verdict]


def _nothing_ran(results: Sequence[SuiteResult]) -> bool:
    finished = [r for r in results if r.verdict is not Verdict.NOT_RUN]
    return bool(finished) and all(r.verdict is Verdict.NO_TESTS for r in finished)
