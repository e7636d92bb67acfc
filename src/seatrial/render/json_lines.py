"""One line of JSON for each event; ``docs/reference/events.md`` describes them."""

from __future__ import annotations

from typing import TextIO

from seatrial.events import Event, to_json
from seatrial.render.base import Output


class JsonLines:
    """Writes and flushes each event as it happens."""

    def __init__(self, out: TextIO) -> None:
        self._out = Output(out)

    def event(self, event: Event) -> None:
        """Write one line."""
        self._out.lines([to_json(event)])

    def tick(self, now: float) -> None:
        """Do nothing: time is in the events."""

    def close(self) -> None:
        """Do nothing: every line is out already."""
