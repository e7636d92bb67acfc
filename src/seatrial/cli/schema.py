"""``seatrial schema``."""

from __future__ import annotations

import click


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema of seatrial.toml, for editors and checks."""
    from seatrial.config.document import schema_json

    click.echo(schema_json(), nl=False)
