"""For pipes and CI: a line per finished suite, failures in groups, annotations at the end.

Results go to standard output; what only tells of progress goes to standard error.
"""

from __future__ import annotations

from typing import TextIO

from seatrial import events
from seatrial.events import Event
from seatrial.model.project import Stage
from seatrial.model.result import SuiteResult, Verdict
from seatrial.render.annotations import annotation_lines, defused, group
from seatrial.render.base import Output
from seatrial.render.choose import Annotations
from seatrial.render.passing import Passing
from seatrial.render.record import Record
from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.summary import summary_lines
from seatrial.render.text import VERDICTS, counts_text, duration, plural
from seatrial.render.width import one_line

_PROGRESS = (events.RuntimeChosen, events.Noticed, events.RunInterrupted)


class Plain:
    """Prints line by line and never moves a cursor. ``width`` is for the summary's tables."""

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        *,
        colour: bool = False,
        ascii: bool = False,
        verbose: bool = False,
        width: int = 100,
        annotations: Annotations = Annotations.NONE,
    ) -> None:
        self._out, self._err = Output(out), Output(err)
        self._colour, self._ascii, self._width = colour, ascii, width
        self._annotations = annotations
        self._passing = Passing(ascii=ascii, verbose=verbose)
        self._record = Record()

    def event(self, event: Event) -> None:
        """Print what ``event`` has to say."""
        self._record.take(event)
        if not isinstance(event, events.TestFinished):
            # A suite's failed tests are told with the suite.
            to = self._err if isinstance(event, _PROGRESS) else self._out
            self._print(to, list(self._passing.lines(event, self._record)))
        match event:
            case events.RunStarted():
                self._print(self._err, [self._start(event)])
            case events.EnvironmentReady(environment=key, seconds=seconds):
                self._print(self._err, [line(f"ready: {key}  {duration(seconds)}")])
            case events.SuiteFinished(result=result):
                if result.verdict not in (Verdict.NOT_RUN, Verdict.CANCELLED):
                    self._print(self._out, [self._suite(result)])
            case events.StageFinished(stage=stage, verdict=Verdict.NOT_RUN):
                self._print(self._out, [self._not_run(stage)])
            case events.RunFinished():
                self._end()

    def tick(self, now: float) -> None:
        """Do nothing: only events are printed."""

    def close(self) -> None:
        """Do nothing: every line is out already."""

    def _start(self, started: events.RunStarted) -> Line:
        suites = plural(len(started.suites), "suite")
        return line(f"seatrial {started.version}: {started.project}, {suites}, run {started.run}")

    def _suite(self, result: SuiteResult) -> Line:
        marks = glyphs(self._ascii)
        seconds = duration(result.seconds)
        text = VERDICTS[result.verdict]
        if result.verdict is Verdict.PASSED:
            mark = Span(marks.passed, Style.GOOD)
            if result.flaky:
                mark = Span(marks.flaky, Style.WARN)
            text = counts_text(result.counts, len(result.flaky))
        elif result.verdict is Verdict.NO_TESTS:
            mark = Span(marks.waiting, Style.WARN)
        else:
            mark = Span(marks.failed, Style.BAD)
            if result.counts.total:
                text = counts_text(result.counts, len(result.flaky))
        return line(mark, Span(f" {one_line(result.suite)}", Style.HEADING), f"  {text}  {seconds}")

    def _not_run(self, stage: Stage) -> Line:
        return line(Span(f"{glyphs(self._ascii).waiting} {stage.value}  not run", Style.QUIET))

    def _end(self) -> None:
        lines = painted(summary_lines(self._record, self._width, self._ascii), self._colour)
        if self._annotations is Annotations.NONE:
            self._out.lines(lines)
            return
        *details, verdict = [defused(text) for text in lines]
        self._out.lines(group("seatrial: summary", details))
        self._out.lines(annotation_lines(self._record))
        self._out.lines([verdict])

    def _print(self, to: Output, lines: list[Line]) -> None:
        texts = painted(lines, self._colour)
        if self._annotations is not Annotations.NONE:
            texts = [defused(text) for text in texts]
        to.lines(texts)
