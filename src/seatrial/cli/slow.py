"""``seatrial slow``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.options import Surroundings, display, surroundings
from seatrial.cli.report import complete_run
from seatrial.errors import EXIT_GOOD, UsageError

if TYPE_CHECKING:
    from seatrial.history.log import Recording
    from seatrial.insight.model import Insight
    from seatrial.insight.sources import Read

# Runs before the one in question that say what is usual.
_EARLIER = 20
# A longer file is no test that somebody wrote.
_MOST_BYTES = 2_000_000


@click.command(name="slow", short_help="Say where the time of a run went, and why.")
@click.argument("run", default="last", metavar="[RUN]", shell_complete=complete_run)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(run: str, as_json: bool) -> int:
    """Say where the time of a recorded run went: its phases, slow tests and outliers.

    RUN is the id of a run, its beginning or its end, or the word last, which is the default. For
    slow tests in Python the source is searched for likely causes. Ends with 0 whatever is found.
    """
    from seatrial.history.log import is_live, logs
    from seatrial.history.past import recorded
    from seatrial.host.worktree import identify
    from seatrial.render.report import recording_lines
    from seatrial.render.slow import slow_json, slow_lines

    around = surroundings()
    folder = identify(around.root, around.folders.state).folder
    recording = recorded(folder, run)
    running = is_live(recording.path)
    before = [path for path in logs(folder) if path.stem < recording.path.stem]
    found = look(around, recording, before[:_EARLIER])
    if found is None:
        raise UsageError(
            f"the record of run {recording.path.stem} has no beginning",
            mend="`seatrial test` makes a new one; `seatrial report` lists the others",
        )
    if as_json:
        click.echo(slow_json(found))
    else:
        choice = display()
        for line in slow_lines(found, choice):
            click.echo(line, color=choice.colour)
    for line in recording_lines(recording, running=running):
        click.echo(line, err=True)
    return EXIT_GOOD


def look(around: Surroundings, recording: Recording, before: Iterable[Path]) -> Insight | None:
    """Return what is to be said of a run, held against the logs of those ``before`` it.

    ``None`` where its beginning is not known. Raises ``OSError`` where a log cannot be read.
    """
    from seatrial.history.log import Recording
    from seatrial.host.system import processors
    from seatrial.insight.slow import insight
    from seatrial.insight.timings import Timings

    earlier = [Timings(Recording(path)) for path in before]
    read = _reader(around.root)
    return insight(Timings(recording), earlier, around.config.slow, read, processors())


def _reader(root: Path) -> Read:
    """Return what reads files of the repository, and no others."""
    inside = root.resolve()

    def read(file: str) -> str | None:
        path = (inside / file).resolve()
        try:
            if path.is_relative_to(inside) and path.stat().st_size <= _MOST_BYTES:
                return path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError):
            pass
        return None

    return read
