"""``seatrial env``."""

from __future__ import annotations

import json
import shlex

import click

from seatrial.cli.options import surroundings
from seatrial.errors import UsageError


@click.command(name="env")
@click.argument("environment", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(environment: str | None, as_json: bool) -> None:
    """Print the variables of an environment that `seatrial test --keep` left up.

    For a shell: eval "$(seatrial env catalog)".
    """
    from seatrial.host.worktree import identify
    from seatrial.pipeline import kept

    around = surroundings()
    worktree = identify(around.root, around.folders.state)
    up = {one.key: one for one in kept.recall(worktree.folder / "environments")}
    if environment is None and len(up) == 1:
        environment = next(iter(up))
    if environment not in up:
        raise _no_such(environment, sorted(up))
    variables = kept.variables(up[environment], around.environment)
    if as_json:
        click.echo(json.dumps({"v": 1, "environment": environment, "variables": variables}))
        return
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _no_such(asked: str | None, up: list[str]) -> UsageError:
    if not up:
        return UsageError(
            "no environment is up in this worktree", mend="seatrial test --keep leaves one up"
        )
    what = "several environments are up" if asked is None else f"no environment {asked!r} is up"
    return UsageError(what, mend=f"name one of: {', '.join(up)}")
