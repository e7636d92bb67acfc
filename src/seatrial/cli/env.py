"""``seatrial env``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

import click

from seatrial.cli.options import surroundings
from seatrial.errors import UsageError


@click.command(name="env")
@click.argument("environment", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--instance-id", is_flag=True, help="Print a TEST_INSTANCE_ID of this worktree's own, no more."
)
def command(environment: str | None, as_json: bool, instance_id: bool) -> None:
    """Print the variables of an environment that `seatrial test --keep` left up.

    For a shell: eval "$(seatrial env catalog)".
    """
    from seatrial.host.worktree import identify
    from seatrial.pipeline import kept

    around = surroundings()
    worktree = identify(around.root, around.folders.state)
    if instance_id:
        click.echo(_own_id(worktree.id, around.environment))
        return
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


def _own_id(worktree: str, environment: Mapping[str, str]) -> str:
    from seatrial.model.identity import instance_id

    # Slot 0 is no run's: such an id never meets that of a run.
    return instance_id(worktree, 0, "test", environment.get("TEST_INSTANCE_ID") or None)


def _no_such(asked: str | None, up: list[str]) -> UsageError:
    if not up:
        return UsageError(
            "no environment is up in this worktree", mend="seatrial test --keep leaves one up"
        )
    what = "several environments are up" if asked is None else f"no environment {asked!r} is up"
    return UsageError(what, mend=f"name one of: {', '.join(up)}")
