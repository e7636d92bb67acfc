"""The live display: a board that is drawn anew where it stands, what lasts above it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TextIO

from seatrial import events
from seatrial.events import Event
from seatrial.render.base import Output
from seatrial.render.board import Board, reduce
from seatrial.render.frame import frame
from seatrial.render.painter import Painter
from seatrial.render.passing import Passing
from seatrial.render.record import Record
from seatrial.render.style import painted
from seatrial.render.summary import summary_lines

# At most ten frames a second where something changed, five where only time passed.
_CHANGED = 0.1
_TIME_ALONE = 0.2


def terminal_size(stream: TextIO) -> tuple[int, int]:
    """Return columns and rows of the terminal behind ``stream``, 80 and 24 where there is none."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return 80, 24
    # A terminal that nobody told its size says 0.
    return size.columns or 80, size.lines or 24


class Live:
    """Draws on a terminal. ``size`` is asked before every frame, so that resizing does no harm."""

    def __init__(
        self,
        stream: TextIO,
        *,
        colour: bool = True,
        ascii: bool = False,
        verbose: bool = False,
        size: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        self._output = Output(stream)
        self._painter = Painter(self._output, colour)
        self._size = size or (lambda: terminal_size(stream))
        self._colour, self._ascii = colour, ascii
        self._passing = Passing(ascii=ascii, verbose=verbose)
        self._board, self._record = Board(), Record()
        self._above: list[str] = []
        self._now = self._last = 0.0
        self._dirty = self._closed = False

    def event(self, event: Event) -> None:
        """Take one event; draw, unless a frame was drawn just now."""
        self._now = max(self._now, event.at)
        self._record.take(event)
        board = reduce(self._board, event)
        above = painted(self._passing.lines(event, self._record), self._colour)
        self._dirty = self._dirty or bool(above) or board is not self._board
        self._above += above
        self._board = board
        if isinstance(event, events.RunFinished):
            self.close()
        elif self._dirty and self._now - self._last >= _CHANGED:
            self._draw()

    def tick(self, now: float) -> None:
        """Draw where something changed, or where time alone changes the picture."""
        self._now = max(self._now, now)
        passed = self._now - self._last
        if (self._dirty and passed >= _CHANGED) or (self._board.moves and passed >= _TIME_ALONE):
            self._draw()

    def close(self) -> None:
        """Draw the last frame, which stays, and the summary below it."""
        if self._closed:
            return
        self._draw()
        self._closed = True
        self._painter.let_go()
        if self._record.result is not None:
            width = self._size()[0]
            summary = summary_lines(self._record, width, self._ascii)
            self._output.lines(painted(summary, self._colour))

    def _draw(self) -> None:
        if self._closed:
            return
        columns, rows = self._size()
        # The cursor rests on a row of its own below the frame.
        lines = frame(self._board, self._now, columns, rows - 1, self._ascii)
        self._painter.draw(lines, columns, self._above)
        self._above = []
        self._last, self._dirty = self._now, False
