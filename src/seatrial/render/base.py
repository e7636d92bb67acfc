"""What every renderer is, and how several are one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Protocol, TextIO

from seatrial.events import Event


class Renderer(Protocol):
    """Turns events into something to read.

    The pipeline calls ``event`` for each event in order and ``tick`` some ten times a second;
    ``now`` is seconds since the run began, the same clock as ``Event.at``. Whoever made a renderer
    calls ``close`` in a ``finally``; it may be called twice.
    """

    def event(self, event: Event) -> None:
        """Take one event."""

    def tick(self, now: float) -> None:
        """Let time pass."""

    def close(self) -> None:
        """Finish the output and leave the terminal as it was. Raises ``UsageError``."""


class Together:
    """Several renderers that hear the same events (``--junit`` beside a display)."""

    def __init__(self, *renderers: Renderer) -> None:
        self._renderers = renderers

    def event(self, event: Event) -> None:
        """Hand ``event`` to each."""
        for renderer in self._renderers:
            renderer.event(event)

    def tick(self, now: float) -> None:
        """Let time pass for each."""
        for renderer in self._renderers:
            renderer.tick(now)

    def close(self) -> None:
        """Close each, even where one of them fails."""
        with contextlib.ExitStack() as stack:
            for renderer in reversed(self._renderers):
                stack.callback(renderer.close)


class Output:
    """A text stream that a reader may leave and that may not know every character.

    ``seatrial test | head`` must not end the run in the middle of its clean-up, and a log line
    that is half a character must not either.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False

    def write(self, text: str) -> None:
        """Write ``text`` and flush; say nothing more once the reader is gone."""
        if self._gone:
            return
        try:
            self._write(text)
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            # A closed stream answers with ValueError.
            self._gone = True

    def lines(self, lines: Iterable[str]) -> None:
        """Write each line with its end, in one go."""
        text = "".join(f"{line}\n" for line in lines)
        if text:
            self.write(text)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            encoding = self._stream.encoding or "ascii"
            self._stream.write(text.encode(encoding, "replace").decode(encoding))


def replay(events: Iterable[Event], renderer: Renderer) -> None:
    """Show a recorded run again, as fast as it can be read."""
    try:
        for event in events:
            renderer.event(event)
            renderer.tick(event.at)
    finally:
        renderer.close()
