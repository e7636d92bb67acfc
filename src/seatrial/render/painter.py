"""Draws frames at the end of what a terminal shows, and lets permanent lines pass above them.

A frame is drawn from where the cursor rests, on the empty line below the last one, so that what
stays on the screen after any end is a whole frame. Only lines that changed are written. No mode of
the terminal outlasts a single write: line wrap is off and the update is synchronised (private
modes 7 and 2026 of ECMA-48 terminals) only within it, and the cursor is never hidden; so nothing
needs to be restored, not even after ``kill -9``. ADR 0040 tells why this is not rich.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.render.base import Output
from seatrial.render.style import Line, cut, paint, text_of
from seatrial.render.width import cells

_BEGIN = "\x1b[?2026h\x1b[?7l\r"
_END = "\x1b[J\x1b[?7h\x1b[?2026l"
_CLEAR_LINE = "\x1b[K"
_CLEAR_BELOW = "\x1b[J"


class Painter:
    """Owns the last lines of a terminal."""

    def __init__(self, output: Output, colour: bool) -> None:
        self._output = output
        self._colour = colour
        self._drawn: list[Line] = []
        self._columns = 0

    def draw(self, frame: Sequence[Line], columns: int, above: Sequence[str] = ()) -> None:
        """Replace the last frame by ``frame``, with the lines ``above`` printed before it.

        ``columns`` is the terminal's width now; ``above`` are painted and may be of any length.
        """
        if not above and columns == self._columns and list(frame) == self._drawn:
            return
        parts = [_BEGIN, self._to_top(columns)]
        fresh = bool(above) or columns != self._columns
        if fresh:
            parts.append(_CLEAR_BELOW)
        if above:
            # What others wrote may be longer than a line, and is not to be lost.
            parts += ["\x1b[?7h", *(f"{text}\r\n" for text in above), "\x1b[?7l"]
        old = [] if fresh else self._drawn
        for index, spans in enumerate(frame):
            if index < len(old) and old[index] == spans:
                parts.append("\r\n")
            else:
                parts.append(self._line(spans, columns))
        parts.append(_END)
        self._output.write("".join(parts))
        self._drawn, self._columns = list(frame), columns

    def let_go(self) -> None:
        """Leave the last frame where it is; the next one is drawn below."""
        self._drawn = []

    def _line(self, spans: Line, columns: int) -> str:
        shown = cut(spans, columns)
        # After the last column the cursor rests on it, and clearing would take its character.
        full = cells(text_of(shown)) >= columns
        return paint(shown, self._colour) + ("" if full else _CLEAR_LINE) + "\r\n"

    def _to_top(self, columns: int) -> str:
        """Return what brings the cursor to the first row of the last frame.

        A terminal that became narrower has wrapped its lines into several rows.
        """
        rows = sum(max(1, -(-cells(text_of(x)) // max(columns, 1))) for x in self._drawn)
        return f"\x1b[{rows}A" if rows else ""
