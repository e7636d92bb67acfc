"""``seatrial doctor``."""

from __future__ import annotations

import asyncio
import os
import sys

import click

from seatrial.cli.options import is_terminal, terminal_width


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
def command(as_json: bool) -> int:
    """Say what this machine has of what seatrial can use, and what each missing thing costs.

    Ends with 3 where neither an engine nor local servers can be had, else with 0.
    """
    from seatrial.discover.doctor import examine
    from seatrial.host.processes import Processes
    from seatrial.host.state import user_folders
    from seatrial.render.choose import Display, Facts, choose
    from seatrial.render.doctor import doctor_json, doctor_lines

    environment = dict(os.environ)
    found = asyncio.run(examine(Processes(environment), user_folders(environment).cache))
    if as_json:
        click.echo(doctor_json(found))
        return found.exit_code
    facts = Facts(is_terminal(), sys.stdout.encoding, terminal_width(), environment)
    choice = choose(Display.AUTO, facts)
    for line in doctor_lines(found, ascii=choice.ascii, colour=choice.colour):
        click.echo(line, color=choice.colour)
    return found.exit_code
