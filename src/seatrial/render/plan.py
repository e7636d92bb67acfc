"""What a dry run says: stages, suites, environments, commands, and the cause of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from seatrial.model.environment import EnvironmentRequest, ServiceDetail
from seatrial.model.project import Suite
from seatrial.model.result import Problem
from seatrial.planning.plan import Plan, PlannedEnvironment
from seatrial.render.last_failed import failed_text
from seatrial.render.shards import piece_lines, piece_text
from seatrial.render.text import STAGE_TITLES, problem_lines
from seatrial.render.workers import is_worth_saying, spread_text


def plan_lines(
    plan: Plan,
    runtime: str,
    commands: Mapping[str, str],
    requests: Mapping[str, EnvironmentRequest],
    details: Mapping[str, Sequence[ServiceDetail] | Problem],
) -> Iterator[str]:
    """Yield the plan as text.

    ``commands`` maps suite ids to what would be run, ``details`` environment keys to what the
    runtime would start, or to why it cannot.
    """
    root = plan.project.root
    yield f"{plan.project.name}  {root}"
    yield runtime
    for stage in plan.stages:
        yield ""
        yield STAGE_TITLES[stage.stage]
        for suite in stage.suites:
            yield from _suite(plan, suite, commands.get(suite.id, ""))
    for environment in plan.environments:
        yield ""
        yield from _environment(environment, requests[environment.key], root)
        yield from _services(details.get(environment.key, ()))
    for item in plan.left_out:
        yield ""
        yield f"left out: {item.suite.id} needs {item.missing}, which is not installed"


def _suite(plan: Plan, suite: Suite, command: str) -> Iterator[str]:
    folder = _shown(suite.folder, plan.project.root)
    yield f"  {suite.name}  ({suite.runner} in {folder})"
    yield f"      because  {suite.cause}"
    if plan.options.touched is not None:
        yield f"      and      {plan.options.touched[suite.id]}"
    if plan.options.failed is not None:
        yield f"      and      {failed_text(plan.options.failed[suite.id])}"
    if command:
        yield f"      runs     {command}"
    if suite.piece is not None:
        yield f"      of it    {piece_text(suite.piece)}:"
        yield from (f"               {line}" for line in piece_lines(suite.piece))
    spread = plan.spread.get(suite.id)
    if spread is not None and is_worth_saying(spread):
        yield f"      with     {spread_text(spread)}"
    environment = plan.environment_of(suite)
    if environment is not None:
        yield f"      in       environment {environment.key}"


def _environment(
    environment: PlannedEnvironment, request: EnvironmentRequest, root: Path
) -> Iterator[str]:
    files = ", ".join(_shown(file, root) for file in environment.files)
    yield f"Environment {environment.key}  ({files})"
    yield f"      because  {environment.cause}"
    yield f"      project  {request.project}"
    yield f"      instance {request.instance}"
    for command in environment.setup:
        yield f"      set-up   {' '.join(command.argv)}  (in {_shown(command.folder, root)})"


def _services(details: Sequence[ServiceDetail] | Problem) -> Iterator[str]:
    if isinstance(details, Problem):
        yield from (f"  {line}" for line in problem_lines(details))
        return
    for detail in details:
        yield f"  {detail.service}  {detail.how}: {detail.command}"
        for change in detail.changes:
            yield f"      {change}"


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
