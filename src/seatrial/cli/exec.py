"""``seatrial exec``."""

from __future__ import annotations

import click

from seatrial.cli.environments import asked, complete_environment, split
from seatrial.cli.options import surroundings
from seatrial.errors import UsageError


class WithForeignWords(click.Command):
    """A command whose words are another program's from the second or third on."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Leave options behind the service alone."""
        return super().parse_args(ctx, args if args[:1] in (["-h"], ["--help"]) else ["--", *args])


@click.command(cls=WithForeignWords, name="exec", short_help="Run a command in a service.")
@click.argument(
    "words",
    nargs=-1,
    required=True,
    metavar="[ENV] SERVICE [--] COMMAND...",
    shell_complete=complete_environment,
)
def command(words: tuple[str, ...]) -> int:
    """Run a command where a service of an environment (dev, unless named) runs.

    It gets the terminal where there is one; its exit code is passed on.
    """
    from seatrial.pipeline.standing import Opened, use

    around = surroundings()
    name, rest = split(around, words)
    service, argv = (rest[0], rest[1:]) if rest else ("", ())
    argv = argv[1:] if argv[:1] == ("--",) else argv
    if not service or not argv:
        raise UsageError(
            "a service and a command are needed", mend=f"seatrial exec {name} SERVICE COMMAND"
        )

    async def work(opened: Opened) -> int:
        return await opened.standing.exec(service, argv)

    return use(asked(around, name), work, hears=False)
