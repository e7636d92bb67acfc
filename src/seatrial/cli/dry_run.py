"""``seatrial test --dry-run``: looks, chooses, prints; starts nothing and leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from seatrial.cli.options import Surroundings
from seatrial.errors import SeatrialError
from seatrial.events import RuntimeChosen
from seatrial.host.worktree import identify
from seatrial.model.environment import EnvironmentRequest, ServiceDetail
from seatrial.model.result import Problem
from seatrial.pipeline.naming import Naming
from seatrial.planning.plan import Plan
from seatrial.render.plan import plan_lines
from seatrial.render.text import runtime_text
from seatrial.runners.base import RunPlace
from seatrial.runners.registry import runner
from seatrial.runtimes.choose import Choice, choose, without_asking

_NO_RUN = "dry-run"


def show(plan: Plan, around: Surroundings, runtime: str) -> None:
    """Print the plan."""
    worktree = identify(plan.project.root, around.folders.state, keep=False)
    requests = Naming(_NO_RUN, worktree.id, 1, around.environment).requests(plan)
    said = "environments: none is needed"
    details: dict[str, Sequence[ServiceDetail] | Problem] = {}
    if requests:
        choice = _choose(runtime, around)
        chosen = RuntimeChosen(0.0, choice.runtime, choice.why, choice.detail)
        said = runtime_text(chosen)
        details = {key: _detail(choice, one, around) for key, one in requests.items()}
    for line in plan_lines(plan, said, _commands(plan), requests, details):
        click.echo(line)


def _choose(runtime: str, around: Surroundings) -> Choice:
    if (settled := without_asking(runtime)) is not None:
        return settled
    import asyncio

    from seatrial.host.processes import Processes

    return asyncio.run(choose(runtime, Processes(around.environment)))


def _detail(
    choice: Choice, request: EnvironmentRequest, around: Surroundings
) -> Sequence[ServiceDetail] | Problem:
    try:
        if choice.engine is not None:
            from seatrial.runtimes.docker.describe import describe as describe_containers

            return describe_containers(request, choice.engine)
        from seatrial.runtimes.process.describe import describe
        from seatrial.runtimes.process.isolation.translate import Translate
        from seatrial.runtimes.process.providers.registry import all_providers

        providers = all_providers(around.config.process.providers)
        return describe(request, providers, Translate(around.folders.state / "blocks", 0))
    except SeatrialError as error:
        return Problem.of(error)


def _commands(plan: Plan) -> dict[str, str]:
    place = RunPlace(Path("report"), Path("scratch"))
    return {
        suite.id: runner(suite.runner).invocation(suite, plan.options.runner, place).display
        for suite in plan.suites
    }
