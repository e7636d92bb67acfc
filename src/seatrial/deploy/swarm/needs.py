"""What must be there before a stack can be deployed, with the commands that make it."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from seatrial.composefile.model import Resource
from seatrial.deploy.base import Ground
from seatrial.deploy.model import Order
from seatrial.deploy.swarm import objects
from seatrial.deploy.swarm.objects import Object
from seatrial.errors import ConfigError, Refused, UsageError
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.standing import needs as standing


def check_names(order: Order, there: Collection[str]) -> None:
    """Raise ``UsageError`` where a service is named that is not ``there``."""
    unknown = [name for name in order.services if name not in there]
    if unknown:
        raise UsageError(
            f"{order.environment} has no service {unknown[0]!r}",
            mend=f"there are: {', '.join(there) or 'none'}",
        )


async def check_files(ground: Ground) -> None:
    """Raise ``ConfigError`` where a variable or a file is missing.

    Raises ``UsageError`` for a service that is not there, and a version that no image takes.
    """
    read = ground.found.read
    check_names(ground.order, read.project.services)
    images = [service.image or "" for service in read.project.services.values()]
    version = ground.order.version
    if version and not any(version in image for image in images):
        raise UsageError(
            f"no image of {ground.order.environment} has the version {version}",
            mend="write its image: with ${VERSION}, or leave --version out",
        )
    # Networks and volumes of a Swarm are asked for otherwise than those of one machine.
    project = replace(read.project, networks={}, volumes={})
    wanted = list(project.services)
    await standing.check(
        ground.docker, ground.found.request, replace(read, project=project), wanted
    )


async def check_swarm(ground: Ground, wanted: Iterable[Object]) -> None:
    """Raise ``ConfigError`` with the commands that make what the Swarm itself lacks."""
    lacks, commands = [], []
    project = ground.found.read.project
    where = None
    for kind in objects.KINDS:
        outside = [one for one in wanted if one.kind == kind and one.external]
        there = await objects.names(ground.docker, kind) if outside else frozenset[str]()
        for one in outside:
            if one.name not in there:
                lacks.append(f"the {kind} {one.name}")
                commands.append(_creation(kind, one.name))
                resources = project.secrets if kind == "secret" else project.configs
                where = where or resources[one.key].where
    for network in _external(project.networks):
        found = await ground.docker.inspected("network", [network.name or network.key])
        if not any(one.get("Scope") == "swarm" for one in found):
            name = network.name or network.key
            lacks.append(f"the overlay network {name}")
            commands.append(f"docker network create -d overlay --attachable {shlex.quote(name)}")
            where = where or network.where
    if lacks:
        raise ConfigError(
            f"the Swarm lacks {', '.join(lacks)}",
            where=where,
            mend="run the commands above on a manager, with values of your own",
            detail=tuple(commands),
        )


async def check_alone(ground: Ground, stack: str) -> None:
    """Raise ``Refused`` where Compose runs the same project on this engine.

    Both would have the same names of networks, the same ports, and write to the same volumes.
    """
    label = f"label={labels.COMPOSE_PROJECT}={stack}"
    running = (await ground.docker.asked("ps", "-q", "--filter", label)).split()
    if running:
        name = ground.order.environment
        raise Refused(
            f"{name} runs on Compose here, with {len(running)} containers of the project {stack}",
            mend=f"`seatrial down {name}` first (its data stays, and the stack finds it again)",
        )


def _creation(kind: str, name: str) -> str:
    if kind == "secret":
        return f"openssl rand -hex 24 | docker secret create {shlex.quote(name)} -"
    return f"docker config create {shlex.quote(name)} FILE"


def _external(resources: Mapping[str, Resource]) -> Iterable[Resource]:
    return (one for one in resources.values() if one.external)
