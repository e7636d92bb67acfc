"""``seatrial mcp``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from seatrial.errors import EXIT_GOOD, RuntimeMissing

# What the extra brings and this verb cannot do without.
_EXTRA = ("mcp", "mcp_types", "pydantic")


@click.command(name="mcp", short_help="Serve the Model Context Protocol, for coding agents.")
def command() -> int:
    """Serve the Model Context Protocol over standard input and output, until they are closed.

    Coding agents start it; see the guide. Its tools do what the verbs do, in the folder where it
    is started (seatrial -C DIR mcp) and in no other. It needs the extra seatrial[mcp].
    """
    from seatrial.host.processes import Processes
    from seatrial.host.system import leave

    try:
        from seatrial.mcp.server import serve
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise RuntimeMissing(
            "the package 'mcp' 2 is not installed", mend="install it: pip install 'seatrial[mcp]'"
        ) from None
    if sys.stdin.isatty():
        click.echo("a coding agent starts this and speaks to it; Ctrl-C ends it", err=True)
    # Of the user's folder, which is the current one, nothing is imported.
    program = (sys.executable, "-P", "-m", "seatrial.cli.held")
    serve(program, Path.cwd(), Processes(dict(os.environ)), leave)
    return EXIT_GOOD
