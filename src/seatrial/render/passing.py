"""What is said once, as it happens: failures, notices, the runtime, and everything under ``-v``."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial import events
from seatrial.events import Event
from seatrial.model.result import Outcome
from seatrial.render.record import Record
from seatrial.render.style import Line, Span, Style, glyphs, line
from seatrial.render.text import VERDICTS, assertion_lines, flaky_text, notice_text, runtime_text
from seatrial.render.width import one_line

_COLOURS = (Style.BUSY, Style.GOOD, Style.WARN, Style.BLUE, Style.MAGENTA)


class Passing:
    """Turns an event into lines that stay."""

    def __init__(self, *, ascii: bool, verbose: bool) -> None:
        self._glyphs = glyphs(ascii)
        self._verbose = verbose
        self._colours: dict[str, Style] = {}

    def lines(self, event: Event, record: Record) -> Iterator[Line]:
        """Return what to print of ``event``, which ``record`` has taken already."""
        match event:
            case events.RuntimeChosen():
                yield line(Span(runtime_text(event), Style.QUIET))
            case events.Noticed():
                yield line(Span("note: ", Style.WARN), notice_text(event))
            case events.EnvironmentFailed(environment=key, problem=problem):
                yield self._failed(f"environment {key}", one_line(problem.what))
            case events.TestFinished(suite=suite, result=test) if test.outcome in (
                Outcome.FAILED,
                Outcome.ERROR,
            ):
                said = assertion_lines(test)[0].strip()
                if test.attempts > 1:
                    said = f"attempt {test.attempts}: {said}"
                yield self._failed(f"{suite}  {one_line(test.id)}", said)
            case events.TestFinished(suite=suite, result=test) if test.is_flaky:
                mark = Span(f"{self._glyphs.flaky} ", Style.WARN)
                name = Span(f"{suite}  {one_line(test.id)}", Style.HEADING)
                yield line(mark, name, f"  flaky: {flaky_text(test)}")
            case events.SuiteFinished(result=result):
                whole = [f for f in record.failures_of(result) if f.test is None]
                if whole:
                    what = one_line(result.problem.what) if result.problem else ""
                    yield self._failed(result.suite, what or VERDICTS[result.verdict])
            case events.RunInterrupted(signal=signal, count=count):
                again = "" if count > 1 else "; once more to stop at once"
                yield line(Span(f"{signal}: taking everything down{again}", Style.WARN))
            case _:
                if self._verbose:
                    yield from self._stream(event, record)

    def _stream(self, event: Event, record: Record) -> Iterator[Line]:
        match event:
            case events.SuiteOutput(suite=suite, line=text):
                known = record.suites.get(suite)
                yield self._prefixed(known.planned.name if known else suite, text)
            case events.ServiceLogged(environment=key, service=service, line=text, suite=""):
                yield self._prefixed(f"{key}/{service}", text)

    def _prefixed(self, name: str, text: str) -> Line:
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        return line(Span(f"{one_line(name)} | ", colour), one_line(text))

    def _failed(self, subject: str, what: str) -> Line:
        return line(
            Span(f"{self._glyphs.failed} ", Style.BAD), Span(subject, Style.HEADING), f"  {what}"
        )
