"""``seatrial test --last-failed``: what failed when it last ran, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import click

from seatrial.cli.options import Surroundings
from seatrial.cli.shards import history_folder
from seatrial.history.failed import failed_before
from seatrial.planning.plan import Plan, TestOptions
from seatrial.render.last_failed import nothing_failed_text
from seatrial.render.report import spoilt_line


def choose(plan: Plan, around: Surroundings, *, aside: bool) -> TestOptions:
    """Return the options of ``plan`` with what of its suites failed when it last ran.

    Where nothing did all suites run, and a line says so. Raises ``EnvironmentFailure`` where the
    history cannot be had.
    """
    folder, failed = history_folder(around), None
    if folder is not None:
        answer = failed_before(folder)
        failed = answer.value
        if answer.moved is not None:
            click.echo(spoilt_line(str(folder), answer.moved.name), err=True)
    suites = {suite.id for suite in (*plan.suites, *(item.suite for item in plan.left_out))}
    mine = {suite: one for suite, one in (failed or {}).items() if suite in suites}
    if not mine:
        click.echo(nothing_failed_text(_among(plan), recorded=failed is not None), err=aside)
        return plan.options
    return replace(plan.options, failed=mine)


def _among(plan: Plan) -> str:
    options = plan.options
    words = [*options.services, *(f"--stage {stage}" for stage in options.stages)]
    if options.touched is not None:
        words.append("what changed")
    return " ".join(words) or "the suites"
