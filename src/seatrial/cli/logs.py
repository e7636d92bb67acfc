"""``seatrial logs``."""

from __future__ import annotations

import re
import time
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any

import click

from seatrial.cli.environments import asked, complete_environment, runtime_option, split
from seatrial.cli.options import display, surroundings
from seatrial.errors import Interrupted, UsageError

_TAIL = 200
_ALL = "all"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


@click.command(name="logs", short_help="Show what the services of an environment wrote.")
@click.argument(
    "words", nargs=-1, metavar="[ENV] [SERVICE]...", shell_complete=complete_environment
)
@click.option("-f", "--follow", is_flag=True, help="Go on, over restarts, until Ctrl-C.")
@click.option(
    "--tail",
    metavar="N",
    help="The newest lines of each service, or `all`; 200 unless --since or --grep is given.",
)
@click.option("--since", metavar="WHEN", help="From 10m ago (s, m, h, d), or from a timestamp.")
@click.option("--grep", metavar="TEXT", help="Only lines that hold this text.")
@runtime_option
def command(words: tuple[str, ...], **given: Any) -> int:
    """Show the log of all services of an environment (dev, unless named), or of some."""
    from seatrial.pipeline.standing import Opened, use
    from seatrial.render.logs import LogLines

    around = surroundings()
    name, services = split(around, words)
    since = moment(given["since"], time.time()) if given["since"] else None
    tail = _tail(given["tail"], bounded=since is None and given["grep"] is None)
    wanted = (given["grep"] or "").lower()

    async def work(opened: Opened) -> int:
        await opened.must_be_up(services)
        colour = display().colour
        shown = LogLines(services or opened.found.read.project.services, colour=colour)
        lines = opened.standing.logs(services, follow=given["follow"], tail=tail, since=since)
        async with aclosing(lines) as stream:
            async for line in stream:
                if wanted in line.text.lower():
                    click.echo(opened.redact(shown.line(line)), color=colour)
        return 0

    try:
        return use(asked(around, name, given), work)
    except Interrupted as interrupted:
        return interrupted.exit_code


def moment(text: str, now: float) -> float:
    """Return what ``--since`` says, in seconds since the epoch. Raises ``UsageError``.

    ``10m`` is ten minutes before ``now``; else an ISO 8601 time (local where it has no zone) or
    seconds since the epoch.
    """
    if ago := _AGO.fullmatch(text):
        return now - float(ago[1]) * _UNITS[ago[2]]
    with suppress(ValueError):
        return float(text)
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise UsageError(
            f"--since {text!r} is no time", mend="write 10m, 2h, or 2026-01-31T12:00:00"
        ) from None


def _tail(text: str | None, *, bounded: bool) -> int | None:
    if text is None:
        return _TAIL if bounded else None
    if text == _ALL:
        return None
    if not text.isdecimal():
        raise UsageError(f"--tail {text!r} is no number of lines", mend="write a number, or all")
    return int(text)
