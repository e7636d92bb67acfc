"""Takes what seatrial made on an engine away again, found by its labels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Processes
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.engine import overlay

# Seconds for one command: an engine under load takes its time, one that hangs is told.
_PATIENCE = 60.0
# A container that was being made while its maker was killed appears after the first look.
_ROUNDS = 4
_BETWEEN_ROUNDS = 0.2


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of containers, networks and volumes that carry the labels looked for."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.containers or self.networks or self.volumes)


async def remove_project(
    processes: Processes, project: str, run: str, host: str, *, images: str = ""
) -> None:
    """Remove what ``run`` made under the compose ``project``, on the engine of the word ``host``.

    ``images`` names a worktree whose built images go, too. Nothing there is no error. Raises
    ``EnvironmentFailure`` where something stays, ``RuntimeMissing`` without a ``docker`` program.
    """
    docker = Docker(processes, overlay(host))
    await remove(docker, project, run)
    if images:
        await remove_images(docker, images)


async def remove(docker: Docker, project: str, run: str, known: Iterable[str] = ()) -> None:
    """Remove containers, networks and volumes; ``known`` container ids go without being looked up.

    Tests need no grace: containers are killed. Raises ``EnvironmentFailure`` where something stays.
    """
    containers = tuple(known)
    if containers:
        await _remove_containers(docker, containers)
    said = ""
    for attempt in range(_ROUNDS):
        found = await find(docker, project, run)
        if not found:
            return
        if attempt:
            await asyncio.sleep(_BETWEEN_ROUNDS * attempt)
        said = await _remove_found(docker, found) or said
    left = await find(docker, project, run)
    if left:
        raise EnvironmentFailure(
            f"project {project} could not be removed from the engine",
            mend="run `seatrial gc` once the engine answers again",
            detail=(*left.containers, *left.networks, *left.volumes, *said.splitlines()[-5:]),
        )


async def find(docker: Docker, project: str, run: str = "") -> Found:
    """Return what is on the engine of ``project`` (of ``run`` alone, where one is given)."""
    wanted = [f"{labels.COMPOSE_PROJECT}={project}", *([f"{labels.RUN}={run}"] if run else [])]
    containers, networks, volumes = await asyncio.gather(
        _listed(docker, "/containers/json", {"label": wanted}, all=True),
        _listed(docker, "/networks", {"label": wanted}),
        _listed(docker, "/volumes", {"label": wanted}),
    )
    return Found(
        tuple(str(one["Id"]) for one in containers),
        tuple(str(one["Id"]) for one in networks),
        tuple(str(one["Name"]) for one in volumes["Volumes"] or ()),
    )


async def remove_images(docker: Docker, worktree: str, *, untagged_only: bool = False) -> None:
    """Remove the images built for ``worktree`` that no container uses.

    A newer build of the same image takes its tag, so what is untagged is old.
    """
    filters = {"label": [f"{labels.WORKTREE}={worktree}"]}
    if untagged_only:
        filters["dangling"] = ["true"]
    old = await _listed(docker, "/images/json", filters)
    # Without force the engine refuses what a container uses, which is what is wanted.
    await _all_removed(docker, "image", (str(one["Id"]) for one in old))


async def _listed(
    docker: Docker, path: str, filters: Mapping[str, Sequence[str]], **more: object
) -> Any:
    answer = await docker.api.ask("GET", path, timeout=_PATIENCE, filters=filters, **more)
    if not answer.ok:
        raise EnvironmentFailure("the engine does not say what it has", detail=(answer.said,))
    return answer.body


async def _remove_found(docker: Docker, found: Found) -> str:
    """Remove what was found; return what the engine said against it."""
    said = [await _remove_containers(docker, found.containers)]
    said += await asyncio.gather(
        _all_removed(docker, "network", found.networks),
        _all_removed(docker, "volume", found.volumes, force=True),
    )
    return "\n".join(text for text in said if text)


async def _remove_containers(docker: Docker, ids: Iterable[str]) -> str:
    return await _all_removed(docker, "container", ids, force=True, v=True)


async def _all_removed(docker: Docker, kind: str, names: Iterable[str], **how: object) -> str:
    paths = (f"/{kind}s/{quote(name)}" for name in names)
    asked = (docker.api.ask("DELETE", one, timeout=_PATIENCE, **how) for one in paths)
    return "\n".join(one.said for one in await asyncio.gather(*asked) if one.said)
