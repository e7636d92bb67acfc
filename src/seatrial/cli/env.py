"""``seatrial env``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

import click

from seatrial.cli.environments import DEFAULT, asked, complete_environment
from seatrial.cli.options import Surroundings, surroundings
from seatrial.errors import UsageError


@click.command(name="env")
@click.argument("environment", required=False, metavar="[ENV]", shell_complete=complete_environment)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--instance-id", is_flag=True, help="Print a TEST_INSTANCE_ID of this worktree's own, no more."
)
def command(environment: str | None, as_json: bool, instance_id: bool) -> None:
    """Print where the services of an environment are reached, for a shell or as JSON.

    It is dev, test or prod, or one that `seatrial test --keep` left up, by its key. For a shell:
    eval "$(seatrial env dev)".
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
    if environment in up:
        variables: Mapping[str, str] = kept.variables(up[environment], around.environment)
    else:
        environment, variables = _of_standing(around, environment, sorted(up))
    if as_json:
        click.echo(json.dumps({"v": 1, "environment": environment, "variables": variables}))
        return
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _own_id(worktree: str, environment: Mapping[str, str]) -> str:
    from seatrial.model.identity import instance_id

    # Slot 0 is no run's: such an id never meets that of a run.
    return instance_id(worktree, 0, "test", environment.get("TEST_INSTANCE_ID") or None)


def _of_standing(
    around: Surroundings, name: str | None, kept: list[str]
) -> tuple[str, Mapping[str, str]]:
    from seatrial.pipeline.standing import Opened, use
    from seatrial.pipeline.standing_request import environments

    if (name or DEFAULT) not in environments(around.root, around.config) or (kept and not name):
        raise _no_such(name, kept)
    name = name or DEFAULT

    async def work(opened: Opened) -> Mapping[str, str]:
        await opened.must_be_up()
        return await opened.standing.variables()

    return name, use(asked(around, name), work)


def _no_such(word: str | None, up: list[str]) -> UsageError:
    if not up:
        return UsageError(
            "no environment is up in this worktree",
            mend="`seatrial up` starts one, `seatrial test --keep` leaves one up",
        )
    what = "several environments are up" if word is None else f"no environment {word!r} is up"
    return UsageError(what, mend=f"name one of: {', '.join(up)}")
