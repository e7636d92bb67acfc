"""For coding agents, who pay for every line: a few when all is well, the causes when it is not.

A failure is printed when its suite ends, so that an agent whose patience ends first has seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from seatrial import events
from seatrial.events import Event
from seatrial.model.project import STAGES
from seatrial.model.result import Counts, SuiteResult, Verdict
from seatrial.render.base import Output
from seatrial.render.covered import coverage_text
from seatrial.render.failures import Limits, failure_lines, failure_title, flaky_lines
from seatrial.render.record import Record
from seatrial.render.style import Line, glyphs, line, text_of
from seatrial.render.summary import is_slow, kept_lines, verdict_line
from seatrial.render.text import (
    VERDICTS,
    counts_text,
    duration,
    flaky_text,
    notice_text,
    plural,
    problem_lines,
    runtime_text,
    shortened,
)
from seatrial.render.width import one_line

LIMITS = Limits(assertion=8, traceback=12, logs=8, output=15)
_FLAKY_LIMITS = Limits(assertion=4, traceback=4, logs=4, output=0)
IN_FULL = 10
_FLAKY = 3
_BY_NAME = 20
_NOTICES = 2
_SLOW = 2
_PROBLEM_LINES = 16
_PROBLEMS = 5


class Agent:
    """No colour, no progress, at most 12 lines when all tests pass, a bounded number otherwise."""

    def __init__(self, out: TextIO, *, ascii: bool = False) -> None:
        self._out = Output(out)
        self._glyphs = glyphs(ascii)
        self._record = Record()
        self._in_full = 0
        self._names: list[str] = []
        self._flaky_in_full = 0
        self._flaky_names: list[str] = []

    def event(self, event: Event) -> None:
        """Take one event; print a failure, or the end."""
        self._record.take(event)
        match event:
            case events.SuiteFinished(result=result):
                self._print(self._flaky(result))
                self._print(self._failed(result))
            case events.RunFinished():
                self._print(self._end())

    def tick(self, now: float) -> None:
        """Do nothing: an agent does not watch."""

    def close(self) -> None:
        """Do nothing: every line is out already."""

    def _print(self, lines: Iterator[Line]) -> None:
        self._out.lines(text_of(spans) for spans in lines)

    def _flaky(self, result: SuiteResult) -> Iterator[Line]:
        for failure in self._record.flaky_of(result):
            self._flaky_in_full += 1
            if self._flaky_in_full <= _FLAKY:
                yield from flaky_lines(failure, self._glyphs.flaky, _FLAKY_LIMITS)
            elif failure.test is not None:
                told = f"{failure_title(failure)}  {flaky_text(failure.test)}"
                self._flaky_names.append(told)

    def _failed(self, result: SuiteResult) -> Iterator[Line]:
        for failure in self._record.failures_of(result):
            if self._in_full < IN_FULL:
                self._in_full += 1
                yield from failure_lines(failure, self._glyphs.failed, LIMITS)
            else:
                self._names.append(failure_title(failure))

    def _end(self) -> Iterator[Line]:
        # Only now is it known whether a suite without a test is a failure.
        for suite in self._record.suites.values():
            if suite.result is not None and suite.result.verdict is Verdict.NO_TESTS:
                yield from self._failed(suite.result)
        yield from _more("flaky", self._flaky_names)
        yield from _more("failed", self._names)
        yield from self._problems()
        yield from (entry for entry in list(kept_lines(self._record))[:_BY_NAME] if entry)
        for noticed in self._record.notices[:_NOTICES]:
            yield line(f"note: {notice_text(noticed)}")
        if len(self._record.notices) > _NOTICES:
            yield line(
                f"note: {len(self._record.notices) - _NOTICES} more notes under --output plain"
            )
        yield from self._stages()
        yield from self._slow()
        if self._record.coverage is not None:
            yield line(coverage_text(self._record.coverage))
        yield verdict_line(self._record, self._glyphs)

    def _problems(self) -> Iterator[Line]:
        problems = self._record.problems()
        for problem in problems[:_PROBLEMS]:
            lines = problem_lines(problem)
            # The mend is the last line and must stay.
            yield from (line(text) for text in shortened(lines, _PROBLEM_LINES, head=3))
        if len(problems) > _PROBLEMS:
            yield line(f"{len(problems) - _PROBLEMS} more problems")

    def _stages(self) -> Iterator[Line]:
        if self._record.runtime is not None:
            yield line(runtime_text(self._record.runtime))
        for stage in STAGES:
            suites = self._record.stage(stage)
            ran = [r.result for r in suites if r.result is not None and r.started is not None]
            if ran:
                counts = sum((r.counts for r in ran), Counts())
                seconds = duration(self._record.stage_seconds(stage))
                told = counts_text(counts, sum(len(r.flaky) for r in ran))
                text = f"{plural(len(ran), 'suite')}, {told}, {seconds}"
                yield line(f"{stage.value}: {text}")
            elif suites:
                yield line(f"{stage.value}: {VERDICTS[self._record.unrun(stage)]}")

    def _slow(self) -> Iterator[Line]:
        for planned, test in self._record.slowest(_SLOW):
            if is_slow(planned.stage, test.seconds):
                yield line(f"slow: {duration(test.seconds)} {planned.id} {one_line(test.id)}")


def _more(what: str, names: list[str]) -> Iterator[Line]:
    if names:
        yield line(f"{len(names)} more {what}:")
        yield from (line(f"  {name}") for name in names[:_BY_NAME])
        if len(names) > _BY_NAME:
            yield line(f"  and {len(names) - _BY_NAME} others")
