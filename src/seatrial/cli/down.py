"""``seatrial down``."""

from __future__ import annotations

from typing import Any

import click

from seatrial.cli.environments import DEFAULT, asked, complete_environment, progress, runtime_option
from seatrial.cli.options import is_interactive, surroundings
from seatrial.errors import EXIT_GOOD, EXIT_USAGE, UsageError

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
    ephemeral = environment == _EPHEMERAL

    async def names(opened: Opened) -> tuple[str, ...]:
        return await opened.standing.volumes()

    async def work(opened: Opened) -> None:
        await opened.down(volumes=volumes or ephemeral)

    # Asked before anything is held: others need not wait for the answer, and Ctrl-C is heard.
    if volumes and not ephemeral and not yes:
        doomed = use(asked(around, environment, given), names)
        if doomed and not _agreed(environment, doomed):
            click.echo("nothing was touched", err=True)
            return EXIT_USAGE
    _, renderer = progress(around, "auto")
    heard = {**given, "listener": renderer.event, "tick": renderer.tick}
    try:
        use(asked(around, environment, heard), work, changing=True)
    finally:
        renderer.close()
    click.echo(f"{environment} is down")
    return EXIT_GOOD


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
