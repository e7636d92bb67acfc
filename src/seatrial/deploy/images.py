"""The images of a deployment: their digests as the registry has them, and the pull."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seatrial.composefile.model import ComposeProject
from seatrial.errors import ConfigError, DeadlinePassed, EnvironmentFailure, SeatrialError, Where
from seatrial.host.processes import Completed
from seatrial.runtimes.docker.cli import Docker, failure

# Seconds for a registry's answer, and for an image to come.
_PATIENCE = 60.0
_PULL = 900.0
_ABSENT = ("not found", "manifest unknown", "name unknown")
_NO_NAME = ("invalid reference format", "invalid tag")
_REFUSED = ("unauthorized", "denied", "forbidden", "authentication required")
# At a time: more only share the same line.
_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Resolved:
    """Images by service, with digests where they have one.

    ``unresolved`` are those whose registry gave no digest and which are taken as they are here.
    """

    images: Mapping[str, str]
    unresolved: Mapping[str, str]


async def resolve(docker: Docker, project: ComposeProject, services: Iterable[str]) -> Resolved:
    """Return the image of each of ``services`` with the digest that its registry has.

    An image that is built here must be in its registry. Of any other, the one on the engine does
    where the registry is silent. Raises ``EnvironmentFailure``, and
    ``ConfigError`` for what cannot be an image.
    """
    wanted = {name: project.services[name].image or "" for name in services}
    nameless = [name for name, image in wanted.items() if not image]
    if nameless:
        raise EnvironmentFailure(
            f"service {nameless[0]} has no image: that could come from a registry",
            where=project.services[nameless[0]].where,
            mend="give it an image: with a registry's name, such as ${REGISTRY}/"
            f"{nameless[0]}:${{VERSION}}",
        )
    gate = asyncio.Semaphore(_AT_ONCE)
    images = sorted(set(wanted.values()))
    asked = await asyncio.gather(*(_ask(docker, image, gate) for image in images))
    answers = dict(zip(images, asked, strict=True))
    found, unresolved = {}, {}
    for name, image in wanted.items():
        service, answer = project.services[name], answers[image]
        if isinstance(answer, str):
            found[name] = image if "@" in image else f"{image}@{answer}"
            continue
        here = await _here(docker, image) if service.build is None else ""
        if not here:
            raise _unknown(image, service.where, answer)
        found[name] = unresolved[name] = here
    return Resolved(found, unresolved)


async def pull(docker: Docker, images: Iterable[str]) -> None:
    """Have each of ``images`` on the engine. Raises ``EnvironmentFailure``, ``DeadlinePassed``."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(image: str) -> None:
        if await docker.inspected("image", [image]):
            return
        async with gate:
            done = await docker.run("pull", "--quiet", image, timeout=_PULL)
        if not done.ok:
            raise _unpulled(image, done)

    # The first failure ends the others: nothing is left running behind it.
    try:
        async with asyncio.TaskGroup() as group:
            for image in sorted(set(images)):
                group.create_task(one(image))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _ask(docker: Docker, image: str, gate: asyncio.Semaphore) -> str | Completed:
    if "@" in image:
        return image.partition("@")[2]
    words = ("buildx", "imagetools", "inspect", image, "--format", "{{json .Manifest.Digest}}")
    async with gate:
        try:
            done = await docker.run(*words, timeout=_PATIENCE)
        except DeadlinePassed as error:
            return Completed(words, 1, "", error.what)
    if not done.ok:
        return done
    digest: str = json.loads(done.out)
    return digest


async def _here(docker: Docker, image: str) -> str:
    facts = await docker.inspected("image", [image])
    if not facts:
        return ""
    digests = facts[0].get("RepoDigests") or []
    return f"{image}@{str(digests[0]).partition('@')[2]}" if digests else image


def _unknown(image: str, where: Where, done: Completed) -> SeatrialError:
    said = (done.err or done.out).lower()
    if any(words in said for words in _NO_NAME):
        return ConfigError(
            f"{image!r} cannot be the name of an image",
            where=where,
            mend="see its image: and the version and registry that it was given",
        )
    if any(word in said for word in _ABSENT):
        mend = "push it first (`seatrial release push`), or name a version that is there: --version"
        return EnvironmentFailure(f"no registry has {image}", where=where, mend=mend)
    return _unreached(image, done, where)


def _unpulled(image: str, done: Completed) -> EnvironmentFailure:
    error = _unreached(image, done, None)
    error.what = f"the image {image} could not be pulled; nothing was touched"
    return error


def _unreached(image: str, done: Completed, where: Where | None) -> EnvironmentFailure:
    said = (done.err or done.out).lower()
    host = image.partition("/")[0] if "/" in image else "docker.io"
    if any(word in said for word in _REFUSED):
        what, mend = f"the registry of {image} lets nobody in", f"docker login {host}"
    else:
        what = f"the registry of {image} does not answer"
        mend = "see that it is up and reached from here and from the engine, then deploy again"
    detail = failure("", done, 5).detail
    return EnvironmentFailure(f"{what}; nothing was touched", where=where, mend=mend, detail=detail)
