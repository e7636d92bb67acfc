from __future__ import annotations

import io

import pytest

from seatrial.errors import UsageError
from seatrial.events import Event
from seatrial.render.base import Output, Together, replay

from . import runs


class Gone(io.StringIO):
    """A pipe whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


class Recorder:
    def __init__(self, *, breaks: bool = False) -> None:
        self.events: list[Event] = []
        self.ticks: list[float] = []
        self.closed = 0
        self._breaks = breaks

    def event(self, event: Event) -> None:
        self.events.append(event)

    def tick(self, now: float) -> None:
        self.ticks.append(now)

    def close(self) -> None:
        self.closed += 1
        if self._breaks:
            raise UsageError("no room")


def test_a_reader_that_left_does_not_end_the_run() -> None:
    output = Output(Gone())
    output.lines(["a"])
    output.lines(["b"])


def test_characters_that_the_stream_cannot_show_are_replaced() -> None:
    raw = io.BytesIO()
    output = Output(io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    output.lines(["价格 ok"])
    assert raw.getvalue() == b"?? ok\n"


def test_half_a_character_from_a_log_is_replaced() -> None:
    raw = io.BytesIO()
    output = Output(io.TextIOWrapper(raw, encoding="utf-8", write_through=True))
    output.lines([b"caf\xc3".decode("utf-8", "surrogateescape")])
    assert raw.getvalue() == b"caf?\n"


def test_several_renderers_hear_the_same_and_are_all_closed() -> None:
    good, bad = Recorder(), Recorder(breaks=True)
    together = Together(bad, good)
    log = runs.three_services()
    with pytest.raises(UsageError, match="no room"):
        replay(log, together)
    assert good.events == bad.events == log
    assert good.ticks == [event.at for event in log]
    assert (good.closed, bad.closed) == (1, 1)
