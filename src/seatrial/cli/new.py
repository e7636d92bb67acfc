"""``seatrial new``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from seatrial.cli.options import display, is_interactive
from seatrial.scaffold.answers import TRIO
from seatrial.scaffold.model import FORGES, GITHUB


@click.command(name="new")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--service",
    "services",
    metavar="NAME:KIND[+BACKING]",
    multiple=True,
    help="A service to make; may be given more than once.",
)
@click.option(
    "--ci",
    type=click.Choice([*FORGES, "both", "none"]),
    default=GITHUB,
    show_default=True,
    help="The CI system that workflows are written for.",
)
@click.option("--name", help="The project's name; the folder's where it is not given.")
@click.option("--yes", is_flag=True, help=f"Ask nothing; without --service make {', '.join(TRIO)}.")
@click.option("--no-git", is_flag=True, help="Do not make a git repository of it.")
@click.option("--dry-run", is_flag=True, help="List the files; write nothing.")
def command(
    folder: Path,
    services: Sequence[str],
    ci: str,
    name: str | None,
    yes: bool,
    no_git: bool,
    dry_run: bool,
) -> None:
    """Make a repository of services in DIR, with tests in all three stages and all environments.

    Kinds: fastapi (with PostgreSQL), worker (+valkey, +redis or +nats), frontend, node-api,
    python-lib. What is not given is asked where a person is there. No network is used.
    """
    from seatrial.render.scaffold import dry_run_lines, new_lines
    from seatrial.scaffold import new
    from seatrial.scaffold.answers import wish
    from seatrial.scaffold.rendering import templates

    place = new.check_target(folder)
    project = new.project_name(place, name)
    wishes = [wish(text) for text in services]
    if not wishes and not yes and is_interactive():
        from seatrial.cli.asking import ask_for_services

        wishes = ask_for_services(project)
    wishes = wishes or [wish(text) for text in TRIO]
    answers, tree = new.new_tree(project, wishes, templates(), forges(ci))
    shown = display()
    if dry_run:
        lines = dry_run_lines(tree)
    else:
        new.write(place, tree)
        git = None if no_git else _git(place)
        lines = new_lines(folder, answers, tree, git, ascii=shown.ascii, colour=shown.colour)
    for line in lines:
        click.echo(line, color=shown.colour)


def forges(word: str) -> tuple[str, ...]:
    """Return the CI systems that a word of the command line means."""
    return {"both": FORGES, "none": ()}.get(word, (word,))


def _git(place: Path) -> str:
    """Make a git repository of ``place`` unless it lies in one; return why there is none."""
    import asyncio
    import os

    from seatrial.host.git import is_repo, make_repo
    from seatrial.host.processes import Processes

    return "" if is_repo(place) else asyncio.run(make_repo(place, Processes(dict(os.environ))))
