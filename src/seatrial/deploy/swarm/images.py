"""Images by digest, so that every node runs the same one."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping

from seatrial.composefile.model import ComposeProject
from seatrial.errors import DeadlinePassed, EnvironmentFailure, SeatrialError
from seatrial.runtimes.docker.cli import Docker, failure

# Seconds for a registry's answer, and for an image to come.
_ANSWER, _PULL = 30.0, 600.0


async def with_digests(
    docker: Docker, project: ComposeProject, services: Iterable[str]
) -> Mapping[str, str]:
    """Return for each service its image with the digest that its registry has now.

    Raises ``EnvironmentFailure`` where a registry does not answer, refuses, or has no such image.
    """
    wanted = {name: project.services[name].image or "" for name in services}
    unnamed = [name for name, image in wanted.items() if not image]
    if unnamed:
        raise EnvironmentFailure(
            f"service {unnamed[0]!r} names no image, and a Swarm builds none",
            where=project.services[unnamed[0]].where,
            mend="add image: with the name under which it is pushed (see `seatrial release`)",
        )
    images = sorted(set(wanted.values()))
    try:
        found = await asyncio.gather(*(_digest(docker, image) for image in images))
    except SeatrialError as error:
        lacking = next((n for n, image in wanted.items() if f" {image}" in error.what), None)
        error.where = project.services[lacking].where if lacking else None
        raise
    digests = dict(zip(images, found, strict=True))
    return {name: digests[image] for name, image in wanted.items()}


async def _digest(docker: Docker, image: str) -> str:
    if "@" in image:
        return image
    words = ("buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest.Digest}}")
    # A registry that only the nodes reach, or that speaks no TLS: the manager asks it instead. Of
    # a wall between, nothing is heard at all.
    with contextlib.suppress(DeadlinePassed):
        done = await docker.run(*words, timeout=_ANSWER)
        if done.ok:
            return f"{image}@{json.loads(done.out)}"
    done = await docker.run("pull", "--quiet", image, timeout=_PULL)
    if not done.ok:
        error = failure(f"no registry gives {image}", done, lines=3)
        error.mend = (
            "see that the registry answers, that it has this version (`seatrial release push`),"
            " and that you are logged in (`docker login`)"
        )
        raise error
    name = image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image
    for facts in await docker.inspected("image", [image]):
        for entry in facts.get("RepoDigests") or ():
            if entry.partition("@")[0] == name:
                return f"{image}@{entry.partition('@')[2]}"
    raise EnvironmentFailure(
        f"no registry has a digest of {image}", mend="push it first: `seatrial release push`"
    )
