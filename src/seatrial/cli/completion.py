"""Completion in bash, zsh and fish: the script that a shell loads, and the words it is told.

The words come from names on disk alone, so that pressing Tab is fast; whatever is wrong with a
repository means that there are none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_SEATRIAL_COMPLETE"


def complete_service(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a service: for ``shell_complete=`` of an argument that may be given many times."""
    from click.shell_completion import CompletionItem

    given = ctx.params.get(param.name or "") or ()
    return [
        CompletionItem(name, help=kind)
        for name, kind in _services(_start(ctx))
        if name.startswith(incomplete) and name not in given
    ]


def _start(ctx: click.Context) -> Path:
    """Return where the verb will run: while completing, ``-C`` has not been acted on."""
    folder = ctx.find_root().params.get("folder")
    return Path(folder) if folder else Path()


def _services(start: Path) -> list[tuple[str, str]]:
    from seatrial.discover.root import find_root, load_config
    from seatrial.discover.services import find_services
    from seatrial.errors import SeatrialError

    try:
        root = find_root(start)
        return [(s.name, str(s.kind)) for s in find_services(root, load_config(root))]
    except (SeatrialError, OSError):
        return []


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    See docs/how-to/shell-completion.md for where each shell wants it.
    """
    from click.shell_completion import get_completion_class

    from seatrial.cli.app import app

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(app, {}, "seatrial", _VARIABLE).source())
