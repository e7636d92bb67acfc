"""A choice made real: the renderers of a run. Each is imported only where it is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from seatrial.render.base import Renderer, Together
from seatrial.render.choose import Choice, Display


def make(
    choice: Choice, out: TextIO, err: TextIO, *, verbose: bool = False, junit: Path | None = None
) -> Renderer:
    """Return the renderer that ``choice`` names, together with the JUnit report if one is asked."""
    shown = _display(choice, out, err, verbose)
    if junit is None:
        return shown
    from seatrial.render.junit import Junit

    return Together(shown, Junit(junit))


def _display(choice: Choice, out: TextIO, err: TextIO, verbose: bool) -> Renderer:
    if choice.display is Display.JSON:
        from seatrial.render.json_lines import JsonLines

        return JsonLines(out)
    if choice.display is Display.AGENT:
        from seatrial.render.agent import Agent

        return Agent(out, ascii=choice.ascii)
    if choice.display is Display.LIVE:
        from seatrial.render.live import Live

        return Live(out, colour=choice.colour, ascii=choice.ascii, verbose=verbose)
    from seatrial.render.plain import Plain

    return Plain(
        out,
        err,
        colour=choice.colour,
        ascii=choice.ascii,
        verbose=verbose,
        width=choice.width,
        annotations=choice.annotations,
    )
