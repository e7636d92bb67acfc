"""``seatrial test --shard``, and the past that orders every run."""

from __future__ import annotations

from contextlib import suppress

import click

from seatrial.cli.options import Surroundings
from seatrial.errors import EnvironmentFailure
from seatrial.history.log import logs
from seatrial.host.worktree import FOLDER, identify
from seatrial.model.expected import Expected
from seatrial.planning.plan import Plan
from seatrial.render.shards import shard_text, split_lines


def past(around: Surroundings) -> Expected:
    """Return what the whole history of this worktree lets expect.

    Raises ``EnvironmentFailure`` where a history is there and cannot be had: a split without it
    would not be that of the other machines.
    """
    return _expected(around, complete=True)


def recent(around: Surroundings) -> Expected:
    """Return what the history lets expect without any work on it; nothing where that fails."""
    with suppress(EnvironmentFailure):
        return _expected(around, complete=False)
    return Expected()


def _expected(around: Surroundings, *, complete: bool) -> Expected:
    # Looking leaves nothing behind, be it a dry run's.
    elsewhere = identify(around.root, around.folders.state, keep=False).folder
    folder = next((one for one in (around.root / FOLDER, elsewhere) if logs(one)), None)
    if folder is None:
        # The database need not be loaded for that.
        return Expected()
    from seatrial.history.expected import expected

    return expected(folder, complete=complete)


def say(plan: Plan, *, why: bool, aside: bool) -> None:
    """Print what this shard has, with ``why`` also what the others have."""
    if plan.split is None or plan.options.shard is None or not plan.split.suites:
        return
    click.echo(shard_text(plan.split, plan.options.shard), err=aside)
    if why:
        for line in split_lines(plan.split, plan.options.shard, plan.options.expected.suites):
            click.echo(line, err=aside)
