"""``seatrial ps``."""

from __future__ import annotations

import time
from typing import Any

import click

from seatrial.cli.environments import DEFAULT, asked, complete_environment, runtime_option
from seatrial.cli.options import display, surroundings
from seatrial.errors import EXIT_ENVIRONMENT, EXIT_FAILED, EXIT_GOOD


@click.command(name="ps", short_help="Show the services of an environment.")
@click.argument(
    "environment", default=DEFAULT, metavar="[ENV]", shell_complete=complete_environment
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@runtime_option
def command(environment: str, as_json: bool, **given: Any) -> int:
    """Show each service of an environment (dev, unless named): state, health, address, age.

    Ends with 0 where all is well, with 1 where a service is not as it should be, with 3 where
    nothing is up.
    """
    from seatrial.pipeline.standing import Opened, is_up, use
    from seatrial.render.ps import ps_json, ps_lines

    async def work(opened: Opened) -> int:
        states = await opened.standing.states()
        project = opened.found.read.project
        now = time.time()
        if as_json:
            click.echo(ps_json(environment, opened.standing.name, states, project, now))
        elif is_up(states):
            choice = display()
            for line in ps_lines(states, project, now, choice):
                click.echo(line, color=choice.colour)
        else:
            click.echo(f"{environment} is not up; `seatrial up {environment}` starts it")
        if not is_up(states):
            return EXIT_ENVIRONMENT
        return EXIT_GOOD if all(state.good for state in states) else EXIT_FAILED

    return use(asked(surroundings(), environment, given), work)
