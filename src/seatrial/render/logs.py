"""Log lines with their service in front, each in a colour of its own. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.model.environment import LogLine
from seatrial.render.style import Span, Style, line, paint
from seatrial.render.width import cells, one_line, pad

_COLOURS = (Style.BUSY, Style.GOOD, Style.WARN, Style.BLUE, Style.MAGENTA)


class LogLines:
    """Writes lines of ``services``, whose names are made equally wide."""

    def __init__(self, services: Iterable[str], *, colour: bool) -> None:
        self._colour = colour
        self._styles: dict[str, Style] = {}
        self._width = 0
        for service in services:
            self._width = max(self._width, cells(service))
            self._style(service)

    def line(self, log: LogLine) -> str:
        """Return one line as it is shown; what would move the cursor is taken out of it."""
        name = pad(one_line(log.service), self._width)
        prefix = Span(f"{name} | ", self._style(log.service))
        return paint(line(prefix, one_line(log.text)), self._colour)

    def _style(self, service: str) -> Style:
        return self._styles.setdefault(service, _COLOURS[len(self._styles) % len(_COLOURS)])
