"""``seatrial slow``."""

from __future__ import annotations

import click

from seatrial.cli.options import display, surroundings
from seatrial.cli.report import complete_run
from seatrial.errors import EXIT_GOOD, UsageError

# Runs before the one in question that say what is usual.
_EARLIER = 20


@click.command(name="slow", short_help="Say where the time of a run went, and why.")
@click.argument("run", default="last", metavar="[RUN]", shell_complete=complete_run)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(run: str, as_json: bool) -> int:
    """Say where the time of a recorded run went: its phases, slow suites and tests, outliers.

    RUN is the id of a run, its beginning or its end, or the word last, which is the default. For
    each it names likely causes, with file and line, and what a mend saves. Ends with 0 whatever is
    found.
    """
    from seatrial.cli.looking import look
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
