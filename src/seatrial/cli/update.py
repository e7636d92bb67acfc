"""``seatrial update``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from seatrial.cli.options import display
from seatrial.errors import EXIT_FAILED, UsageError

_SHOWN = 10


@click.command(name="update")
@click.option("--dry-run", is_flag=True, help="Say what would become of each file; write nothing.")
@click.option("--diff", is_flag=True, help="Print what changes in each file, too.")
@click.option(
    "--allow-dirty", is_flag=True, help="Change files whose own changes are not committed, too."
)
def command(dry_run: bool, diff: bool, allow_dirty: bool) -> int:
    """Bring the scaffold of this seatrial into a repository that an older one has made.

    A file that you have not touched is replaced. One that you have edited is merged with git's
    three-way merge; what both sides have changed is marked in it and listed. What you have deleted
    stays deleted. Ends with 1 where conflicts are to be resolved.
    """
    from seatrial import __version__
    from seatrial.discover import find_root
    from seatrial.host.processes import Processes
    from seatrial.render.update import diff_lines, update_lines
    from seatrial.scaffold import updating
    from seatrial.scaffold.rendering import templates

    root, processes = find_root(Path.cwd()), Processes(dict(os.environ))
    wanted = asyncio.run(updating.prepare(root, __version__, templates(), processes))
    unsaved: tuple[str, ...] | None = ()
    if wanted.writes and not allow_dirty:
        unsaved = asyncio.run(updating.uncommitted(root, wanted, processes))
    if not dry_run:
        _refuse(unsaved)
        for _ in updating.write(root, wanted):
            pass
    shown = display()
    lines = diff_lines(wanted, colour=shown.colour) if diff else []
    lines += update_lines(
        wanted,
        dry_run=dry_run,
        uncommitted=unsaved,
        ascii=shown.ascii,
        colour=shown.colour,
    )
    for line in lines:
        click.echo(line, color=shown.colour)
    return EXIT_FAILED if wanted.conflicts else 0


def _refuse(unsaved: tuple[str, ...] | None) -> None:
    if unsaved:
        more = len(unsaved) - _SHOWN
        raise UsageError(
            "files that are to be changed have changes that are not committed",
            mend="commit them, so that you can see what the update does; or give --allow-dirty",
            detail=(*unsaved[:_SHOWN], *([f"and {more} more"] if more > 0 else [])),
        )
