"""``seatrial report``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seatrial.cli.options import Surroundings, display, is_terminal, surroundings, terminal_width
from seatrial.errors import EXIT_GOOD, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from seatrial.insight.flaky import FlakyTest

# How many runs of a suite the page shows.
_PAST_RUNS = 20


def complete_run(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the recorded runs of the repository that begin with ``incomplete``, the newest first.

    Completion writes nothing: runs that were recorded outside the checkout are not looked for.
    """
    from click.shell_completion import CompletionItem

    from seatrial.discover.root import find_root
    from seatrial.errors import SeatrialError
    from seatrial.history.log import logs
    from seatrial.history.past import LAST
    from seatrial.host.worktree import FOLDER

    try:
        # While completing, ``-C`` has not been acted on.
        found = logs(find_root(Path(ctx.find_root().params.get("folder") or ".")) / FOLDER)
    except (SeatrialError, OSError):
        return []
    names = [*([LAST] if found else []), *(path.stem for path in found)]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command(name="report", short_help="List the runs so far, or show one of them again.")
@click.argument("run", required=False, metavar="[RUN]", shell_complete=complete_run)
@click.option(
    "--output",
    type=click.Choice(["auto", "live", "plain", "agent", "json"]),
    help="How to show the run, as in `seatrial test`.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show all output of the run.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report."
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the run, or else the last one, as one page of HTML.",
)
@click.option(
    "-n",
    "--number",
    default=20,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many runs to list.",
)
@click.option("--flaky", is_flag=True, help="List tests that passed and failed on equal inputs.")
@click.option("--json", "as_json", is_flag=True, help="Print a list as one JSON object.")
def command(run: str | None, number: int, as_json: bool, flaky: bool, **given: Any) -> int:
    """List the last runs of this worktree, show one of them again, or list flaky tests.

    RUN is the id of a run, its beginning or its end, or the word last. Ends with 0 whatever the
    run itself ended with.
    """
    from seatrial.history.past import LAST

    around = surroundings()
    folder = _folder(around)
    if flaky:
        if run is not None or any(given.values()):
            raise UsageError("--flaky is about all runs", mend="give --flaky alone, or with --json")
        from seatrial.cli.flaky import show

        return show(folder, as_json=as_json)
    if run is None and given["html"] is not None:
        run = LAST
    if run is None:
        if any(given.values()):
            raise UsageError(
                "there is no run to show", mend="name one; `seatrial report last` takes the last"
            )
        return _list(folder, number, as_json)
    if as_json:
        raise UsageError("--json is for lists", mend="`--output json` prints a run's events")
    page = given.pop("html")
    if page is not None:
        _write_page(around, folder, run, page)
    # Who wants a file and says no more has got what they want.
    return _show(folder, run, given) if page is None or any(given.values()) else EXIT_GOOD


def _folder(around: Surroundings) -> Path:
    from seatrial.host.worktree import identify

    return identify(around.root, around.folders.state).folder


def _list(folder: Path, number: int, as_json: bool) -> int:
    from seatrial.history.past import past_runs
    from seatrial.render.report import report_json, report_lines, spoilt_line

    answer = past_runs(folder, number)
    if answer.moved is not None:
        click.echo(spoilt_line(str(folder), answer.moved.name), err=True)
    if as_json:
        click.echo(report_json(answer.value))
        return EXIT_GOOD
    if not answer.value:
        click.echo("no run is recorded here; `seatrial test` records each of its runs")
        return EXIT_GOOD
    choice = display()
    for line in report_lines(answer.value, choice):
        click.echo(line, color=choice.colour)
    return EXIT_GOOD


def _show(folder: Path, run: str, given: dict[str, Any]) -> int:
    import os

    from seatrial.history.log import is_live
    from seatrial.history.past import recorded
    from seatrial.render.base import replay
    from seatrial.render.choose import Display, Facts, choose
    from seatrial.render.make import make
    from seatrial.render.report import recording_lines

    recording = recorded(folder, run)
    running = is_live(recording.path)
    facts = Facts(is_terminal(), sys.stdout.encoding, terminal_width(), dict(os.environ))
    choice = choose(Display(given["output"] or "auto"), facts)
    replay(
        recording,
        make(choice, sys.stdout, sys.stderr, verbose=given["verbose"], junit=given["junit"]),
    )
    for line in recording_lines(recording, running=running):
        click.echo(line, err=True)
    return EXIT_GOOD


def _write_page(around: Surroundings, folder: Path, run: str, path: Path) -> None:
    from seatrial.cli.flaky import found
    from seatrial.cli.looking import look
    from seatrial.errors import EnvironmentFailure
    from seatrial.history.log import is_live
    from seatrial.history.past import past_suites, recorded
    from seatrial.host.files import write_atomically
    from seatrial.render.html.markup import html
    from seatrial.render.html.page import page_of
    from seatrial.render.report import recording_lines, spoilt_line

    recording = recorded(folder, run)
    past = None
    flaky: list[FlakyTest] = []
    try:
        answer = past_suites(folder, recording.path.stem, _PAST_RUNS)
        past, flaky = answer.value, found(folder)
        if answer.moved is not None:
            click.echo(spoilt_line(str(folder), answer.moved.name), err=True)
    except EnvironmentFailure as error:
        # The page stands without it, as the log does without the database.
        click.echo(f"note: {error.what}", err=True)
    running = is_live(recording.path)
    page = page_of(recording, past, flaky, look(around, recording, ()))
    notes = [line.removeprefix("note: ") for line in recording_lines(recording, running=running)]
    page = replace(page, notes=(*notes, *page.notes))
    try:
        write_atomically(path, html(page))
    except OSError as error:
        raise UsageError(
            f"the page could not be written to {path}: {error.strerror}",
            mend="give --html a path that this user may write",
        ) from error
    click.echo(f"wrote {path}", err=True)
