"""``seatrial down``."""

from __future__ import annotations

from typing import Any

import click

from seatrial.cli.environments import DEFAULT, asked, complete_environment, runtime_option
from seatrial.cli.options import is_interactive, surroundings
from seatrial.errors import EXIT_USAGE, UsageError

# Its data is made for one run and is nobody's.
_EPHEMERAL = "test"


@click.command(name="down", short_help="Take an environment down; its data stays.")
@click.argument(
    "environment", default=DEFAULT, metavar="[ENV]", shell_complete=complete_environment
)
@click.option("--volumes", is_flag=True, help="Delete its volumes, too, once you have agreed.")
@click.option("--yes", is_flag=True, help="Agree beforehand, for scripts.")
@runtime_option
def command(environment: str, volumes: bool, yes: bool, **given: Any) -> int:
    """Take an environment of deploy/ (dev, unless named) down, each service with its grace.

    Named volumes stay, unless --volumes is given; external ones stay always. The volumes of test
    are nobody's and go without being asked for.
    """
    from seatrial.pipeline.standing import Opened, use

    around = surroundings()

    async def work(opened: Opened) -> int:
        delete = volumes or environment == _EPHEMERAL
        if volumes and environment != _EPHEMERAL and not yes:
            names = await opened.standing.volumes()
            if names and not _agreed(environment, names):
                click.echo("nothing was touched", err=True)
                return EXIT_USAGE
        await opened.down(volumes=delete)
        return 0

    code = use(asked(around, environment, given), work, changing=True)
    if code == 0:
        click.echo(f"{environment} is down")
    return code


def _agreed(environment: str, names: tuple[str, ...]) -> bool:
    if not is_interactive():
        raise UsageError(
            f"deleting the volumes of {environment} must be agreed to: {', '.join(names)}",
            mend="add --yes, or run it in a terminal",
        )
    click.echo(f"These volumes of {environment} and all that they hold will be deleted:")
    for name in names:
        click.echo(f"  {name}")
    return click.confirm("Delete them?", default=False)
