"""``seatrial init``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.errors import UsageError

if TYPE_CHECKING:
    from seatrial.scaffold.adopt.model import Proposal


@click.command(name="init")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@click.option("-v", "--verbose", is_flag=True, help="Show the text of each file, too.")
def command(yes: bool, dry_run: bool, verbose: bool) -> None:
    """Put tests around a repository that is there already.

    Finds its services, tests and compose files, shows what is missing, and writes only that: a
    seatrial.toml, and compose files for tests that are derived from the ones there are. No file
    that exists is touched.
    """
    from seatrial.render.adopt import proposal_lines, written_lines
    from seatrial.scaffold.adopt.writing import write

    proposal = _proposal()
    for line in proposal_lines(proposal, texts=verbose):
        click.echo(line)
    click.echo()
    if not proposal.missing:
        click.echo("nothing is missing")
        return
    if dry_run:
        return
    if not yes:
        _ask()
    write(proposal)
    for line in written_lines(proposal):
        click.echo(line)


def _proposal() -> Proposal:
    from seatrial.config import FILE_NAME
    from seatrial.discover import find_root, load_config
    from seatrial.host.tracked import tracked_files
    from seatrial.scaffold.adopt.find import look
    from seatrial.scaffold.adopt.propose import propose

    root = find_root(Path.cwd())
    config = load_config(root) if (root / FILE_NAME).exists() else None
    return propose(look(root, config, tracked_files(root)))


def _ask() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "nothing was written: there is nobody to ask",
            mend="pass --yes to write these files, --dry-run only to look",
        )
    if not click.confirm("Write these files?", default=True):
        raise click.Abort
