"""Log lines as ``seatrial logs`` shows them."""

from __future__ import annotations

import re

from seatrial.model.environment import LogLine
from seatrial.render.logs import LogLines


def test_names_are_equally_wide_and_nothing_moves_the_cursor() -> None:
    shown = LogLines(["api", "database"], colour=False)
    assert (
        shown.line(LogLine("api", 0.0, "up\x1b[2J and\trunning")) == "api      | up and    running"
    )
    assert shown.line(LogLine("database", 0.0, "")) == "database | "


def test_each_service_has_a_colour_of_its_own() -> None:
    shown = LogLines(["api", "database"], colour=True)
    colours = [
        re.match(r"\x1b\[(\d+)m", shown.line(LogLine(name, 0.0, "x")))
        for name in ("api", "database", "api")
    ]
    first, second, third = (match[1] if match else "" for match in colours)
    assert first == third != second
