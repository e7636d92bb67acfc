"""What failed in a run, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from seatrial.model.result import Outcome, SuiteResult, TestResult, Verdict
from seatrial.render.failures import reason
from seatrial.render.record import Failure, Record
from seatrial.render.text import assertion_lines, first_failure, flaky_text, plural, problem_lines
from seatrial.render.width import clean, one_line


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure: what, why, where, what the containers said, how to run it alone."""

    title: str
    suite: str
    why: str
    place: str
    trace: str
    logs: str
    log_lines: str
    again: str


def troubles(record: Record) -> Iterable[Trouble]:
    """Yield what failed, in the order of the plan."""
    return (_trouble(record, failure) for failure in _failures(record))


def flaky_ones(record: Record) -> Iterable[Trouble]:
    """Yield the tests that failed and passed when they were tried again."""
    for failure in record.flaky():
        if failure.test is not None:
            told = flaky_text(failure.test)
            first = replace(failure, test=first_failure(failure.test))
            trouble = _trouble(record, first)
            yield replace(trouble, suite=f"{trouble.suite}: {told}")


def place_of(file: str, test: TestResult) -> str:
    """Return the file of a test with the line, where they are known."""
    return one_line(f"{file}:{test.line}" if file and test.line else file)


def _failures(record: Record) -> Iterable[Failure]:
    """Yield what failed, also in suites that a kill kept from their end."""
    yield from record.failures()
    for suite in record.suites.values():
        if suite.result is None:
            cut = SuiteResult(suite.planned.id, Verdict.INTERRUPTED)
            for test in suite.tests.values():
                if test.outcome in (Outcome.FAILED, Outcome.ERROR):
                    yield Failure(suite.planned, cut, test, (), test.again)


def _trouble(record: Record, failure: Failure) -> Trouble:
    test = failure.test
    logs = "\n".join(one_line(text) for text in failure.logs)
    common = {
        "suite": one_line(failure.planned.id),
        "logs": logs,
        "log_lines": plural(len(failure.logs), "line"),
        "again": one_line(failure.again),
    }
    if test is None:
        problem = failure.result.problem
        told = problem_lines(problem) if problem is not None else []
        why = "\n".join([reason(failure), *told])
        output = "\n".join(clean(entry) for entry in failure.result.tail)
        return Trouble(one_line(failure.planned.id), why=why, place="", trace=output, **common)
    return Trouble(
        one_line(test.id),
        why="\n".join(assertion_lines(test, 40)),
        place=place_of(record.place(failure.planned, test), test),
        trace=clean(test.text).rstrip(),
        **common,
    )
