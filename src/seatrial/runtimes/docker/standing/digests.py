"""Images by the digests that their registries have."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping

from seatrial.composefile.model import ComposeProject
from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.docker.cli import Docker

# Seconds for a registry's answer.
_PATIENCE = 60.0


async def pinned(
    docker: Docker, project: ComposeProject, services: Iterable[str]
) -> Mapping[str, str]:
    """Return for each service its image with the digest: ``postgres:16@sha256:…``.

    Raises ``EnvironmentFailure`` where an image has none: it was built here and never pushed.
    """
    wanted = {name: project.services[name].image or "" for name in services}
    images = sorted(set(wanted.values()))
    found = dict(
        zip(images, await asyncio.gather(*(_digest(docker, one) for one in images)), strict=True)
    )
    lacking = [name for name, image in wanted.items() if not found[image]]
    if lacking:
        raise EnvironmentFailure(
            "no registry has a digest of "
            + ", ".join(wanted[name] or f"the image of {name}" for name in lacking),
            where=project.services[lacking[0]].where,
            mend="push the images first (`docker compose build` and `docker compose push`),"
            " or leave --digests out",
        )
    return {
        name: image if "@" in image else f"{image}@{found[image]}" for name, image in wanted.items()
    }


async def _digest(docker: Docker, image: str) -> str:
    if not image or "@" in image:
        return image.partition("@")[2]
    words = ("buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest.Digest}}")
    done = await docker.run(*words, timeout=_PATIENCE)
    if done.ok:
        digest: str = json.loads(done.out)
        return digest
    return _local(await docker.inspected("image", [image]))


def _local(facts: Iterable[Mapping[str, object]]) -> str:
    for one in facts:
        known = one.get("RepoDigests")
        for entry in known if isinstance(known, list) else ():
            return str(entry).partition("@")[2]
    return ""
