"""``seatrial gc``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import click

from seatrial.errors import EXIT_ENVIRONMENT
from seatrial.host.state import user_folders


@click.command(name="gc")
@click.option("--dry-run", is_flag=True, help="Say what would go; remove nothing.")
@click.option("--kept", is_flag=True, help="What --keep left up in this worktree, too.")
def command(dry_run: bool, kept: bool) -> int:
    """Remove what runs that were killed have left behind, and nothing of a live run's."""
    from seatrial.host.processes import Processes
    from seatrial.pipeline import leftovers
    from seatrial.render.leftovers import leftover_lines

    environment = dict(os.environ)
    state = user_folders(environment).state
    runs = state / "runs"
    wanted = _kept_here(state) if kept else frozenset()
    if dry_run:
        found = [left for left in leftovers.find(runs) if not left.kept or left.ledger in wanted]
    else:
        found = asyncio.run(leftovers.clean(runs, Processes(environment), kept=wanted))
    for line in leftover_lines(found, removed=not dry_run):
        click.echo(line)
    return EXIT_ENVIRONMENT if any(left.stuck for left in found) else 0


def _kept_here(state: Path) -> frozenset[Path]:
    from seatrial.discover import find_root
    from seatrial.host.worktree import identify
    from seatrial.pipeline.kept import recall

    worktree = identify(find_root(Path.cwd()), state)
    return frozenset(one.ledger for one in recall(worktree.folder / "environments"))
