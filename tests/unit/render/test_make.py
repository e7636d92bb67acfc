from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.render.base import Together
from seatrial.render.choose import Choice, Display
from seatrial.render.make import make


@pytest.mark.parametrize(
    ("display", "name"),
    [
        (Display.LIVE, "Live"),
        (Display.PLAIN, "Plain"),
        (Display.AGENT, "Agent"),
        (Display.JSON, "JsonLines"),
    ],
)
def test_each_display_is_made(display: Display, name: str) -> None:
    made = make(Choice(display), io.StringIO(), io.StringIO())
    assert type(made).__name__ == name


def test_a_junit_report_goes_with_every_display(tmp_path: Path) -> None:
    for display in (Display.LIVE, Display.PLAIN, Display.AGENT, Display.JSON):
        path = tmp_path / f"{display}.xml"
        made = make(Choice(display), io.StringIO(), io.StringIO(), junit=path)
        assert isinstance(made, Together)
        made.close()
        assert path.exists()


def test_choosing_imports_no_renderer() -> None:
    code = (
        "import sys, seatrial.render.make as m\n"
        "print([n for n in sys.modules if n in ('rich', 'asyncio', 'seatrial.render.live')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
