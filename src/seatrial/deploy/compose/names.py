"""Fixed names of containers, which one after the other has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.composefile.model import ComposeService
from seatrial.deploy.base import Ground
from seatrial.deploy.compose.model import Placed
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import failure


def own_name(ground: Ground, service: ComposeService, one: Placed) -> str:
    """Return what a container is called that runs: its name, or the fixed one it made room for."""
    name = one.stood.name
    if name != _aside(ground, service.name, one.id):
        return name
    return service.container_name or name


async def give(ground: Ground, service: str, id: str, name: str) -> None:
    """Call the container ``id`` of a service ``name``; another one of the service makes room.

    Raises ``EnvironmentFailure``, as where a stranger has the name.
    """
    docker, project = ground.docker, ground.found.request.project
    facts = await docker.inspected("container", [name])
    holder = next((one for one in facts if one["Name"] == f"/{name}"), None)
    if holder is not None and holder["Id"] == id:
        return
    if holder is not None and _of(holder, project, service):
        await set_aside(ground, service, str(holder["Id"]))
    await _rename(ground, service, id, name)


async def set_aside(ground: Ground, service: str, id: str) -> None:
    """Have a container give up its name. Raises ``EnvironmentFailure``."""
    await _rename(ground, service, id, _aside(ground, service, id))


async def _rename(ground: Ground, service: str, id: str, name: str) -> None:
    done = await ground.docker.run("rename", id, name)
    if not done.ok:
        raise failure(f"a container of {service} could not be called {name}", done)


def _aside(ground: Ground, service: str, id: str) -> str:
    """Return the name that a container has which made room. Nobody else comes to have it."""
    return f"{ground.found.request.project}-{service}-{id[:12]}"


def _of(facts: Mapping[str, Any], project: str, service: str) -> bool:
    own = (facts.get("Config") or {}).get("Labels") or {}
    return (own.get(labels.COMPOSE_PROJECT), own.get(labels.COMPOSE_SERVICE)) == (project, service)
