"""A dry run's lines for the Docker runtime."""

from __future__ import annotations

import shlex

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.model.environment import EnvironmentRequest, ServiceDetail
from seatrial.runtimes.docker import override, waves
from seatrial.runtimes.docker.engine import Engine
from seatrial.runtimes.docker.images import image_users


def describe(request: EnvironmentRequest, engine: Engine) -> tuple[ServiceDetail, ...]:
    """Read the request's files and return their details. Asks the engine nothing."""
    project = load(request.files, request.variables)
    waves.refuse_impossible(project)
    return details(project, request, engine)


def details(
    project: ComposeProject, request: EnvironmentRequest, engine: Engine
) -> tuple[ServiceDetail, ...]:
    """Return how each service would be started, and what the override changes and why."""
    plan = override.plan(project, request, {}, start_interval=engine.has_start_interval)
    one_shots = waves.must_end(project)
    users = image_users(project)
    return tuple(
        ServiceDetail(
            service=name,
            how=_how(service, name in one_shots),
            command=_command(service, users.get(name)),
            changes=plan.changes[name],
        )
        for name, service in project.services.items()
    )


def _how(service: ComposeService, one_shot: bool) -> str:
    if one_shot:
        return "one-shot"
    return "build" if service.build else "image"


def _command(service: ComposeService, maker: str | None) -> str:
    """Return the image, or the Dockerfile with its target, and the command given to it."""
    if service.build is not None:
        target = f" target {service.build.target}" if service.build.target else ""
        what = f"{service.build.dockerfile}{target}"
    else:
        what = f"image of {maker}" if maker else service.image or ""
    words = (*(service.entrypoint or ()), *(service.command or ()))
    return f"{what}: {shlex.join(words)}" if words else what
