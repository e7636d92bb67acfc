"""``seatrial test --shard``, and the past that orders every run."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from seatrial.cli.options import Surroundings
from seatrial.errors import EnvironmentFailure
from seatrial.history.log import logs
from seatrial.host.git import checked_out
from seatrial.host.worktree import FOLDER, identify
from seatrial.model.expected import Expected
from seatrial.planning.plan import Plan
from seatrial.render.shards import shard_text, split_lines


def past(around: Surroundings, whole: Plan) -> Expected:
    """Return what the whole history of this worktree lets expect of the suites to be split.

    Raises ``EnvironmentFailure`` where a history is there and cannot be had: a split without it
    would not be that of the other machines.
    """
    folder = _folder(around)
    if folder is None:
        return Expected()
    from seatrial.history.expected import Shared, expected

    suites = (*whole.suites, *(item.suite for item in whole.left_out))
    _, commit = checked_out(around.root)
    return expected(folder, Shared(frozenset(suite.id for suite in suites), commit))


def recent(around: Surroundings) -> Expected:
    """Return what the history lets expect without any work on it; nothing where that fails."""
    folder = _folder(around)
    if folder is not None:
        from seatrial.history.expected import expected

        with suppress(EnvironmentFailure):
            return expected(folder)
    return Expected()


def _folder(around: Surroundings) -> Path | None:
    """Return where the history is; ``None`` spares those without one the loading of SQLite."""
    # Looking leaves nothing behind, be it a dry run's.
    elsewhere = identify(around.root, around.folders.state, keep=False).folder
    return next((one for one in (around.root / FOLDER, elsewhere) if logs(one)), None)


def say(plan: Plan, *, why: bool, aside: bool) -> None:
    """Print what this shard has, with ``why`` also what the others have."""
    if plan.split is None or plan.options.shard is None or not plan.split.suites:
        return
    click.echo(shard_text(plan.split, plan.options.shard), err=aside)
    if why:
        for line in split_lines(plan.split, plan.options.shard, plan.options.expected.suites):
            click.echo(line, err=aside)
