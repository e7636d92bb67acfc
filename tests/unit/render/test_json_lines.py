from __future__ import annotations

import io
import json
from pathlib import Path

from seatrial.events import from_json
from seatrial.render.base import replay
from seatrial.render.events_doc import events_reference
from seatrial.render.json_lines import JsonLines

from . import runs

ROOT = Path(__file__).parents[3]


class Counting(io.StringIO):
    flushes = 0

    def flush(self) -> None:
        self.flushes += 1


def test_every_event_is_a_versioned_line_that_reads_back_and_is_flushed() -> None:
    out, log = Counting(), runs.three_services(good=False)
    replay(log, JsonLines(out))
    lines = out.getvalue().splitlines()
    assert {json.loads(text)["v"] for text in lines} == {1}
    assert [from_json(text) for text in lines] == log
    assert out.flushes == len(log)


def test_the_reference_says_what_the_code_does() -> None:
    page = (ROOT / "docs/reference/events.md").read_text()
    assert page == events_reference(), (
        "run: python -m seatrial.render.events_doc > docs/reference/events.md"
    )
