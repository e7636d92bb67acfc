"""``up`` as it goes on: a line for each step, a few lines that are drawn anew, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from seatrial import events
from seatrial.composefile.model import ComposeProject
from seatrial.events import Event
from seatrial.model.environment import ServiceState
from seatrial.render.base import Output, Renderer
from seatrial.render.choose import Choice, Display
from seatrial.render.live import terminal_size
from seatrial.render.painter import Painter
from seatrial.render.ps import addresses
from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.text import PHASES, WORKING, duration, notice_text, runtime_text
from seatrial.render.width import cells, pad


def make(choice: Choice, out: TextIO, err: TextIO) -> Renderer:
    """Return the renderer that ``choice`` names."""
    if choice.display is Display.JSON:
        from seatrial.render.json_lines import JsonLines

        return JsonLines(out)
    if choice.display is Display.LIVE:
        return Drawn(out, choice)
    return Printed(err, choice, quiet=choice.display is Display.AGENT)


def up_lines(
    name: str, states: Sequence[ServiceState], project: ComposeProject, choice: Choice
) -> list[str]:
    """Return what is said once an environment is up: where each service is reached."""
    reached = {state.service: addresses(state, project) for state in states if state.endpoints}
    width = max(map(cells, reached), default=0)
    lines = [line(Span(f"{glyphs(choice.ascii).passed} ", Style.GOOD), f"{name} is up")]
    for service, found in reached.items():
        lines.append(line(f"  {pad(service, width)}  {' '.join(found)}"))
    return painted(lines, choice.colour)


def _said(event: Event) -> Iterator[Line]:
    """Return the lines of an event that stay."""
    match event:
        case events.RuntimeChosen():
            yield line(Span(runtime_text(event), Style.QUIET))
        case events.Noticed():
            yield line(Span("note: ", Style.WARN), notice_text(event))
        case events.RunInterrupted(signal=signal):
            yield line(Span(f"{signal}: stopping here", Style.WARN))


class Printed:
    """Prints a line for each step; ``quiet`` leaves the steps out and keeps the notices."""

    def __init__(self, err: TextIO, choice: Choice, *, quiet: bool) -> None:
        self._output = Output(err)
        self._choice = choice
        self._quiet = quiet

    def event(self, event: Event) -> None:
        """Print what ``event`` has to say."""
        if not self._quiet or isinstance(event, events.Noticed):
            self._output.lines(painted(self._lines(event), self._choice.colour))

    def tick(self, now: float) -> None:
        """Do nothing: only events are printed."""

    def close(self) -> None:
        """Do nothing: every line is out already."""

    def _lines(self, event: Event) -> Iterator[Line]:
        yield from _said(event)
        match event:
            case events.PhaseFinished(phase=phase, subject=subject, seconds=seconds, ok=True):
                yield line(f"{PHASES[phase]}: {subject}  {duration(seconds)}")
            case events.ServiceReady(service=service, seconds=seconds):
                yield line(f"ready: {service}  {duration(seconds)}")


class Drawn:
    """Draws what is under way on the last lines of a terminal, and takes it away at the end."""

    def __init__(self, out: TextIO, choice: Choice) -> None:
        self._stream, self._choice = out, choice
        self._painter = Painter(Output(out), choice.colour)
        self._work: dict[tuple[str, str], float] = {}
        self._waiting: list[str] = []
        self._closed = False

    def event(self, event: Event) -> None:
        """Take one event; draw."""
        match event:
            case events.PhaseStarted(at=at, phase=phase, subject=subject, services=services):
                self._work[phase, subject] = at
                self._waiting = list(services) or self._waiting
            case events.PhaseFinished(phase=phase, subject=subject):
                self._work.pop((phase, subject), None)
            case events.ServiceReady(service=service) if service in self._waiting:
                self._waiting.remove(service)
        self._draw(event.at, painted(_said(event), self._choice.colour))

    def tick(self, now: float) -> None:
        """Let the clocks of the display move."""
        self._draw(now, [])

    def close(self) -> None:
        """Take the display away."""
        if not self._closed:
            self._painter.draw([], terminal_size(self._stream)[0])
        self._closed = True

    def _draw(self, now: float, above: Sequence[str]) -> None:
        if not self._closed:
            self._painter.draw(list(self._frame(now)), terminal_size(self._stream)[0], above)

    def _frame(self, now: float) -> Iterator[Line]:
        mark = Span(f"{glyphs(self._choice.ascii).running} ", Style.BUSY)
        for (phase, subject), since in self._work.items():
            left = ", ".join(self._waiting)
            waiting = f"  waiting for {left}" if phase == events.Phase.BOOT and left else ""
            seconds = duration(now - since)
            yield line(mark, f"{WORKING[events.Phase(phase)]} {subject}  {seconds}{waiting}")
