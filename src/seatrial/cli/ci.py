"""``seatrial ci``: the jobs of a CI run, the workflows that run them, what they report."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial.cli.completion import complete_service
from seatrial.cli.options import display, surroundings
from seatrial.errors import EXIT_FAILED, EXIT_GOOD, UsageError
from seatrial.insight.matrix import AIM, MOST
from seatrial.model.project import Stage
from seatrial.scaffold.model import FORGES

if TYPE_CHECKING:
    from seatrial.scaffold.keeping import Keeping

_BOTH = "both"


@click.group(name="ci")
def command() -> None:
    """Print the jobs that a change needs, keep the workflows that run them, join their reports."""


@command.command(name="matrix")
@click.argument("services", nargs=-1, metavar="[SERVICE]...", shell_complete=complete_service)
@click.option("--base", metavar="REF", help="What to compare with, as in test --changed.")
@click.option("--all", "everything", is_flag=True, help="All services, whatever changed.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice([str(stage) for stage in Stage]),
    help="Jobs of this stage only; may be given more than once.",
)
@click.option(
    "--shards",
    metavar="MAX",
    type=click.IntRange(min=1, max=256),
    default=MOST,
    show_default=True,
    help="The most jobs that one service is split into.",
)
@click.option(
    "--aim",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=AIM,
    show_default=True,
    help="Split a service that takes longer, as its past says.",
)
@click.option(
    "--output",
    type=click.Choice(["line", "json"]),
    default="line",
    show_default=True,
    help="One line for a workflow, or a document with causes and times.",
)
def matrix(
    services: tuple[str, ...],
    base: str | None,
    everything: bool,
    stages: tuple[str, ...],
    shards: int,
    aim: float,
    output: str,
) -> None:
    """Print a job for each service that changes touch, and one for the tests of all together.

    The line is what `matrix: ${{ fromJSON(…) }}` takes. Services that need what changed are in it.
    Where nobody can say what changed, all are, and standard error says why.
    """
    from seatrial.cli import changed
    from seatrial.cli.shards import with_past
    from seatrial.insight.matrix import Wanted, jobs, whole
    from seatrial.planning.plan import TestOptions, make_plan
    from seatrial.render.ci import document, line_of, said

    if everything and base is not None:
        raise UsageError("--all compares with nothing", mend="leave --base or --all away")
    around = surroundings()
    project = whole(around.project())
    choice = None if everything else changed.choose(project, around, base)
    touched = None if choice is None else choice.touched
    answer = None if choice is None else choice.answer
    wanted = Wanted(services, tuple(Stage(stage) for stage in stages), shards, aim)

    def past(options: TestOptions) -> TestOptions:
        return with_past(around, make_plan(project, replace(options, shard=None)), options)

    entries = jobs(project, touched, wanted, past)
    asked = " ".join([*services, *(f"--stage {stage}" for stage in stages)])
    click.echo(said(entries, answer, asked), err=True)
    click.echo(line_of(entries) if output == "line" else document(entries, answer, touched))


@command.command(name="coverage")
@click.argument(
    "reports",
    nargs=-1,
    required=True,
    metavar="REPORT...",
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--to",
    "folder",
    required=True,
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the reports of all together go.",
)
def coverage(reports: tuple[Path, ...], folder: Path) -> int:
    """Put the coverage of several machines together: each line counts once.

    REPORT is a folder that --coverage named in a run on one of them, or an lcov file with paths
    from the root.
    """
    from seatrial.cli.coverage import put_together
    from seatrial.render.covered import table
    from seatrial.render.style import painted

    report, where = put_together(surroundings().project(), reports, folder)
    colour = display().colour
    for line in painted(table(report.services, where), colour):
        click.echo(line, color=colour)
    return EXIT_GOOD


@command.command(name="write")
@click.option(
    "--for",
    "forge",
    type=click.Choice([*FORGES, _BOTH]),
    help="Write workflows for this one, too; else for those that are known.",
)
@click.option("--dry-run", is_flag=True, help="Print what changes in each file; write nothing.")
def write(forge: str | None, dry_run: bool) -> int:
    """Make the workflows what they would be if they were made now.

    They name the services that are there. What you have changed in a workflow is merged, as update
    does. Ends with 1 where conflicts are to be resolved.
    """
    from seatrial.discover import find_root
    from seatrial.render.ci import written_lines
    from seatrial.render.update import diff_lines
    from seatrial.scaffold import keeping

    root = find_root(Path.cwd())
    kept = _kept(root, {None: (), _BOTH: FORGES}.get(forge, (str(forge),)))
    shown = display()
    if dry_run:
        lines = diff_lines(kept.update, colour=shown.colour)
    else:
        keeping.write(root, kept)
        lines = []
    lines += written_lines(kept.update, dry_run=dry_run, ascii=shown.ascii, colour=shown.colour)
    for line in lines:
        click.echo(line, color=shown.colour)
    return EXIT_FAILED if kept.update.conflicts else 0


@command.command(name="check")
def check() -> int:
    """Say whether the workflows are what write would make of them; end with 1 where they are not.

    Prints what would change. Your own changes are no fault, as long as they can be merged.
    """
    from seatrial.discover import find_root
    from seatrial.render.ci import checked_lines
    from seatrial.render.update import diff_lines

    kept = _kept(find_root(Path.cwd()), ())
    shown = display()
    lines = diff_lines(kept.update, colour=shown.colour)
    lines += checked_lines(kept.update, ascii=shown.ascii, colour=shown.colour)
    for line in lines:
        click.echo(line, color=shown.colour)
    return EXIT_FAILED if kept.update.writes or kept.update.conflicts else 0


def _kept(root: Path, asked: tuple[str, ...]) -> Keeping:
    from seatrial.host.processes import Processes
    from seatrial.scaffold import keeping
    from seatrial.scaffold.rendering import templates

    processes = Processes(dict(os.environ))
    return asyncio.run(keeping.prepare(root, asked, templates(), processes))
