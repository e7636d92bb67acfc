"""``seatrial gc``."""

from __future__ import annotations

import asyncio
import os

import click

from seatrial.errors import EXIT_ENVIRONMENT
from seatrial.host.state import user_folders


@click.command(name="gc")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--kept", is_flag=True, help="Environments that --keep left up, too.")
def command(dry_run: bool, kept: bool) -> int:
    """Remove what runs that were killed have left behind, and nothing of a live run's."""
    from seatrial.host.processes import Processes
    from seatrial.pipeline import leftovers
    from seatrial.render.leftovers import leftover_lines

    environment = dict(os.environ)
    runs = user_folders(environment).state / "runs"
    if dry_run:
        found = [left for left in leftovers.find(runs) if kept or not left.kept]
    else:
        found = asyncio.run(leftovers.clean(runs, Processes(environment), kept=kept))
    for line in leftover_lines(found, removed=not dry_run):
        click.echo(line)
    return EXIT_ENVIRONMENT if any(left.stuck for left in found) else 0
