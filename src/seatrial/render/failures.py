"""A failure in lines: what, why, where, what the containers said, how to run it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.model.result import Doubt, TestResult, Verdict
from seatrial.render.record import Failure
from seatrial.render.style import Line, Span, Style, line
from seatrial.render.text import (
    DOUBTS,
    VERDICTS,
    assertion_lines,
    duration,
    first_failure,
    flaky_text,
    problem_lines,
    shortened,
    traceback_lines,
)
from seatrial.render.width import clean, one_line


@dataclass(frozen=True, slots=True)
class Limits:
    """How many lines of each kind a failure may take."""

    assertion: int = 12
    traceback: int = 40
    logs: int = 20
    output: int = 30


def failure_title(failure: Failure) -> str:
    """Return the suite, and the test where there is one."""
    if failure.test is None:
        return failure.planned.id
    return f"{failure.planned.id}  {one_line(failure.test.id)}"


def failure_lines(failure: Failure, glyph: str, limits: Limits) -> Iterator[Line]:
    """Return a failure in full, within ``limits``."""
    yield from _head(failure, glyph, limits)
    yield from _rest(failure, limits)


def flaky_lines(failure: Failure, glyph: str, limits: Limits) -> Iterator[Line]:
    """Return a flaky test with its first failure, within ``limits``."""
    test = failure.test
    if test is None:
        return
    told = Span(f"  {flaky_text(test)}", Style.WARN)
    yield line(Span(f"{glyph} ", Style.WARN), Span(failure_title(failure), Style.HEADING), told)
    yield from _why(first_failure(test), limits, Style.WARN)
    said = {first_failure(test).message}
    for number, attempt in enumerate(test.earlier[1:], 2):
        if attempt.message not in said:
            said.add(attempt.message)
            what = one_line(attempt.message.partition("\n")[0])
            yield line(Span(f"    attempt {number}: {what}", Style.WARN))
    yield from _rest(failure, limits)


def _rest(failure: Failure, limits: Limits) -> Iterator[Line]:
    if failure.logs:
        yield line(Span("    logs since the test began:", Style.QUIET))
        logs = shortened([one_line(text) for text in failure.logs], limits.logs, head=0)
        for text in logs:
            yield line(Span(f"      {text}", Style.QUIET))
    if failure.again:
        yield line("    again: ", Span(one_line(failure.again), Style.HEADING))


def reason(failure: Failure) -> str:
    """Return why a suite failed as a whole."""
    result = failure.result
    words = VERDICTS[result.verdict]
    if result.verdict is Verdict.FAILED and result.exit_code is not None:
        words = f"exit code {result.exit_code}"
    return f"{words}: {DOUBTS[result.doubt]}" if result.doubt is not Doubt.NONE else words


def _head(failure: Failure, glyph: str, limits: Limits) -> Iterator[Line]:
    test, mark = failure.test, Span(f"{glyph} ", Style.BAD)
    if test is None:
        yield line(mark, Span(failure_title(failure), Style.HEADING), f"  {reason(failure)}")
        if failure.result.problem is not None:
            for text in problem_lines(failure.result.problem):
                yield line(f"    {text}")
        output = [text for entry in failure.result.tail for text in clean(entry).splitlines()]
        for text in shortened(output, limits.output, head=0):
            yield line(f"    {text}")
        return
    times = f"  failed {test.attempts} times" if test.attempts > 1 else ""
    seconds = f"  {duration(test.seconds, 2)}{times}"
    yield line(mark, Span(failure_title(failure), Style.HEADING), Span(seconds, Style.QUIET))
    yield from _why(test, limits, Style.BAD)


def _why(test: TestResult, limits: Limits, style: Style) -> Iterator[Line]:
    for text in assertion_lines(test, limits.assertion):
        yield line(Span(f"    {text}", style))
    for text in traceback_lines(test, limits.traceback):
        yield line(f"    {text}")
