"""An error of seatrial's own: one line for the user, the rest in a file for whoever mends it."""

from __future__ import annotations

import os
import tempfile
import traceback

import click

# sysexits.h, EX_SOFTWARE: outside the contract's codes, because it is nobody's fault but ours.
EXIT_BUG = 70


def report() -> int:
    """Keep the traceback of the error that is being handled, say where; return the exit code."""
    text = traceback.format_exc()
    click.echo(f"error: seatrial itself failed: {text.strip().splitlines()[-1]}", err=True)
    try:
        descriptor, name = tempfile.mkstemp(prefix="seatrial-crash-", suffix=".txt")
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
    except OSError as error:
        click.echo(f"  help: please report it; its traceback was not kept: {error}", err=True)
    else:
        click.echo(f"  help: please report it with {name}", err=True)
    return EXIT_BUG
