"""``seatrial test --dry-run``: looks, chooses, prints; starts nothing and leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from seatrial.cli.options import Surroundings
from seatrial.errors import SeatrialError
from seatrial.host.worktree import identify
from seatrial.model.environment import EnvironmentRequest, ServiceDetail
from seatrial.model.result import Problem
from seatrial.pipeline.naming import Naming
from seatrial.planning.plan import Plan
from seatrial.render.plan import plan_lines
from seatrial.runners.base import RunPlace
from seatrial.runners.registry import runner

_NO_RUN = "dry-run"


def show(plan: Plan, around: Surroundings, runtime: str) -> None:
    """Print the plan."""
    worktree = identify(plan.project.root, around.folders.state)
    naming = Naming(_NO_RUN, worktree.id, 1, around.environment)
    requests = naming.requests(plan)
    chosen, said = _runtime(around, runtime) if requests else ("", "no environment is needed")
    details = {key: _detail(chosen, request, around) for key, request in requests.items()}
    for line in plan_lines(plan, said, _commands(plan), requests, details):
        click.echo(line)


def _runtime(around: Surroundings, asked: str) -> tuple[str, str]:
    from seatrial.render.text import runtime_words
    from seatrial.runtimes.choose import choose_now

    choice = choose_now(asked, around.environment)
    return choice.runtime, runtime_words(choice.runtime, choice.why, choice.detail)


def _detail(
    runtime: str, request: EnvironmentRequest, around: Surroundings
) -> Sequence[ServiceDetail] | Problem:
    try:
        if runtime == "docker":
            from seatrial.runtimes.docker.describe import describe

            return describe(request)
        from seatrial.runtimes.process.runtime import describe as describe_processes

        return describe_processes(request, around.config.process.providers)
    except SeatrialError as error:
        return Problem.of(error)


def _commands(plan: Plan) -> dict[str, str]:
    place = RunPlace(Path("report"), Path("scratch"))
    return {
        suite.id: runner(suite.runner).invocation(suite, plan.options.runner, place).display
        for suite in plan.suites
    }
