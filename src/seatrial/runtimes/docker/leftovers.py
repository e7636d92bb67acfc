"""Takes what seatrial made on an engine away again, found by its labels."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

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
    filters = ["--filter", f"label={labels.COMPOSE_PROJECT}={project}"]
    if run:
        filters += ["--filter", f"label={labels.RUN}={run}"]
    containers, networks, volumes = await asyncio.gather(
        docker.asked("ps", "-aq", "--no-trunc", *filters, timeout=_PATIENCE),
        docker.asked("network", "ls", "-q", "--no-trunc", *filters, timeout=_PATIENCE),
        docker.asked("volume", "ls", "-q", *filters, timeout=_PATIENCE),
    )
    return Found(*(tuple(text.split()) for text in (containers, networks, volumes)))


async def remove_images(docker: Docker, worktree: str, *, untagged_only: bool = False) -> None:
    """Remove the images built for ``worktree`` that no container uses.

    A newer build of the same image takes its tag, so what is untagged is old.
    """
    filters = ["--filter", f"label={labels.WORKTREE}={worktree}"]
    if untagged_only:
        filters += ["--filter", "dangling=true"]
    listed = await docker.asked("image", "ls", "-q", "--no-trunc", *filters, timeout=_PATIENCE)
    old = dict.fromkeys(listed.split())
    if old:
        # Without force the engine refuses what a container uses, which is what is wanted.
        await docker.run("image", "rm", *old, timeout=_PATIENCE)


async def _remove_found(docker: Docker, found: Found) -> str:
    """Remove what was found; return what the engine said against it."""
    said = []
    if found.containers:
        said.append(await _remove_containers(docker, found.containers))
    rest = []
    if found.networks:
        rest.append(docker.run("network", "rm", *found.networks, timeout=_PATIENCE))
    if found.volumes:
        rest.append(docker.run("volume", "rm", "-f", *found.volumes, timeout=_PATIENCE))
    said += [done.err for done in await asyncio.gather(*rest)]
    return "\n".join(text for text in said if text)


async def _remove_containers(docker: Docker, ids: tuple[str, ...]) -> str:
    return (await docker.run("rm", "-f", "-v", *ids, timeout=_PATIENCE)).err
