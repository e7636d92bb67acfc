"""``seatrial add``."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from seatrial.cli.options import display, is_interactive
from seatrial.errors import UsageError
from seatrial.scaffold.kinds import BACKINGS, KINDS


def complete_kind(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the kinds that begin so."""
    return [
        CompletionItem(kind.name, help=kind.summary)
        for kind in KINDS.values()
        if kind.name.startswith(incomplete)
    ]


def complete_backing(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the backing services that begin so and that the kind, if known, can stand on."""
    kind = KINDS.get(ctx.params.get("kind") or "")
    fitting = BACKINGS if kind is None else kind.backings
    return [
        CompletionItem(name, help=BACKINGS[name].summary)
        for name in fitting
        if name.startswith(incomplete)
    ]


@click.command(name="add")
@click.argument("name")
@click.option(
    "--kind",
    metavar="KIND",
    shell_complete=complete_kind,
    help=f"What it is: {', '.join(KINDS)}.",
)
@click.option(
    "--with",
    "backing",
    metavar="BACKING",
    shell_complete=complete_backing,
    help="What it stands on, where it may choose.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written and changed; do nothing.")
def command(name: str, kind: str | None, backing: str | None, dry_run: bool) -> None:
    """Add the service NAME to the repository, to all its environments and to the Makefile.

    Files that are there get new entries; your own text, comments and order in them stay.
    """
    from seatrial.discover import find_root
    from seatrial.render.scaffold import add_lines, dry_run_lines
    from seatrial.scaffold import add
    from seatrial.scaffold.answers import make_wish
    from seatrial.scaffold.names import check_service
    from seatrial.scaffold.rendering import templates

    if kind is None:
        check_service(name)
        kind, backing = _asked(backing)
    wish = make_wish(name, kind, backing or "")
    addition = add.plan(find_root(Path.cwd()), wish, templates())
    shown = display()
    if dry_run:
        lines = dry_run_lines(addition.laid.files, addition.laid.wired)
    else:
        addition.write()
        lines = add_lines(addition.answer, addition.laid, ascii=shown.ascii, colour=shown.colour)
    for line in lines:
        click.echo(line, color=shown.colour)


def _asked(backing: str | None) -> tuple[str, str | None]:
    if not is_interactive():
        raise UsageError("--kind is missing", mend=f"give the kind of service: {', '.join(KINDS)}")
    from seatrial.cli.asking import ask_for_backing, ask_for_kind

    kind = ask_for_kind()
    return kind.name, backing or ask_for_backing(kind)
