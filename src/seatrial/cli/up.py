"""``seatrial up``."""

from __future__ import annotations

from typing import Any

import click

from seatrial.cli.environments import asked, complete_environment, progress, runtime_option, split
from seatrial.cli.options import surroundings


@click.command(name="up", short_help="Bring up dev, test or prod, and wait until all is ready.")
@click.argument(
    "words", nargs=-1, metavar="[ENV] [SERVICE]...", shell_complete=complete_environment
)
@runtime_option
@click.option("--no-build", is_flag=True, help="Take the images as they are.")
@click.option(
    "--digests", is_flag=True, help="Pin each image to the digest that its registry has; no build."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), help="Seconds until all is ready."
)
@click.option(
    "--output",
    type=click.Choice(["auto", "live", "plain", "agent", "json"]),
    default="auto",
    help="How to show the progress.",
)
def command(words: tuple[str, ...], **given: Any) -> int:
    """Bring up an environment of deploy/ (dev, unless named), or some services and their needs.

    What runs unchanged is left alone. The compose file is obeyed as it is written: ports, names
    and volumes are its own.
    """
    from seatrial.pipeline.standing import Opened, use
    from seatrial.render.choose import Display
    from seatrial.render.standing import up_lines

    around = surroundings()
    name, services = split(around, words)
    choice, renderer = progress(around, given["output"])

    async def work(opened: Opened) -> list[str]:
        await opened.up(services, build=not given["no_build"], pinned=given["digests"])
        states = await opened.standing.states()
        return up_lines(name, states, opened.found.read.project, choice)

    heard = {**given, "listener": renderer.event, "tick": renderer.tick}
    request = asked(around, name, heard)
    try:
        lines = use(request, work, changing=True)
    finally:
        renderer.close()
    if choice.display is not Display.JSON:
        for line in lines:
            click.echo(line, color=choice.colour)
    return 0
