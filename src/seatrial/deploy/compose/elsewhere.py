"""Files that containers mount, where the engine is on another machine than they are."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from seatrial.composefile.model import ComposeService
from seatrial.deploy.base import Ground
from seatrial.errors import ConfigError, Where


async def check(ground: Ground, images: Sequence[str]) -> None:
    """Raise ``ConfigError`` where the engine's machine lacks a file that a service mounts.

    Compose mounts secrets, configs and folders by their path, which the engine looks for on its
    own machine. It is asked by making a container that is never started, of one of ``images``.
    """
    if ground.engine.visible or not images:
        return
    lacking: dict[Path, Where] = {}
    for path, where in _mounted(ground).items():
        mount = f"type=bind,readonly,source={path},target=/seatrial-looks"
        done = await ground.docker.run("create", "--mount", mount, images[0], "look")
        if done.ok:
            await ground.docker.run("rm", done.out.strip())
        elif "does not exist" in done.err:
            lacking[path] = where
    if not lacking:
        return
    first = next(iter(lacking))
    raise ConfigError(
        f"the machine of the engine lacks {', '.join(map(str, lacking))}; nothing was touched",
        where=lacking[first],
        mend="containers mount these by their path on that machine: copy them there, as below,"
        " or let Swarm keep them (--to swarm)",
        detail=tuple(
            f"ssh HOST 'mkdir -p {shlex.quote(str(path.parent))}'"
            f" && scp -rp {shlex.quote(str(path))} HOST:{shlex.quote(str(path))}"
            for path in lacking
        ),
    )


def _mounted(ground: Ground) -> dict[Path, Where]:
    found: dict[Path, Where] = {}
    for service in ground.found.read.project.services.values():
        found |= _of_service(ground, service)
    return found


def _of_service(ground: Ground, service: ComposeService) -> dict[Path, Where]:
    project = ground.found.read.project
    found = {
        Path(one.source): one.where for one in service.volumes if one.kind == "bind" and one.source
    }
    for grants, resources in (
        (service.secrets, project.secrets),
        (service.configs, project.configs),
    ):
        for grant in grants:
            resource = resources.get(grant.source)
            if resource is not None and resource.file is not None:
                found[resource.file] = grant.where
    return found
