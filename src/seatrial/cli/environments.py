"""What the verbs about environments share: which one is meant, and how it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from seatrial.cli.options import Surroundings, is_terminal, terminal_width

if TYPE_CHECKING:
    from seatrial.pipeline.standing import Asked
    from seatrial.render.base import Renderer
    from seatrial.render.choose import Choice

DEFAULT = "dev"

runtime_option = click.option(
    "--runtime",
    type=click.Choice(["auto", "docker", "process"]),
    help="What runs it; auto takes Docker where an engine answers. Remembered until `down`.",
)


def split(around: Surroundings, words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the environment and the services that ``words`` name.

    The first word is the environment where one is called so; without it, ``dev`` is meant.
    """
    from seatrial.pipeline.standing_request import environments

    known = environments(around.root, around.config)
    if words and (words[0] in known or not known):
        return words[0], tuple(words[1:])
    return DEFAULT, tuple(words)


def asked(around: Surroundings, name: str, given: dict[str, Any] | None = None) -> Asked:
    """Return what opens the environment ``name``; ``given`` are the verb's options."""
    from seatrial.pipeline.standing import Asked

    options = given or {}
    return Asked(
        name=name,
        root=around.root,
        config=around.config,
        environment=around.environment,
        folders=around.folders,
        runtime=options.get("runtime") or "",
        timeout=options.get("timeout"),
        listener=options.get("listener") or _unheard,
        tick=options.get("tick") or _unheard,
    )


def progress(around: Surroundings, output: str) -> tuple[Choice, Renderer]:
    """Return how progress is shown by ``--output``'s word, and what shows it."""
    import sys

    from seatrial.render.choose import Display, Facts, choose
    from seatrial.render.standing import make

    facts = Facts(is_terminal(), sys.stdout.encoding, terminal_width(), around.environment)
    choice = choose(Display(output), facts)
    return choice, make(choice, sys.stdout, sys.stderr)


def _unheard(_: object) -> None:
    return None


def complete_environment(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of an environment, from names on disk alone."""
    from pathlib import Path

    from seatrial.discover.root import find_root, load_config
    from seatrial.errors import SeatrialError
    from seatrial.pipeline.standing_request import environments

    folder = ctx.find_root().params.get("folder")
    try:
        root = find_root(Path(folder) if folder else Path())
        known = environments(root, load_config(root))
    except (SeatrialError, OSError):
        return []
    return [name for name in known if name.startswith(incomplete)]
