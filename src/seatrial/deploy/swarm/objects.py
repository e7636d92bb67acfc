"""Secrets and configs as the Swarm's own. They cannot change: new content gets a new name."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.composefile.model import Resource
from seatrial.deploy.swarm.facts import Service
from seatrial.deploy.swarm.stack import NAMESPACE
from seatrial.errors import ConfigError
from seatrial.runtimes.docker.cli import Docker, failure

KEY = "dev.seatrial.key"
KINDS = ("secret", "config")
_LIMIT = 64
_LARGEST = {"secret": 500 * 1000, "config": 1000 * 1000}


@dataclass(frozen=True, slots=True)
class Object:
    """A secret or config to be: its name in the Swarm, and what is in it."""

    kind: str
    key: str
    name: str
    content: bytes = field(repr=False, default=b"")
    external: bool = False


def wanted(
    kind: str,
    stack: str,
    resources: Mapping[str, Resource],
    used: Collection[str],
    variables: Mapping[str, str],
) -> tuple[Object, ...]:
    """Return the objects for those ``resources`` that are ``used``.

    Raises ``ConfigError`` where one is larger than a Swarm takes.
    """
    found = []
    for key, resource in resources.items():
        if key not in used:
            continue
        if resource.external:
            found.append(Object(kind, key, resource.name or key, external=True))
            continue
        content = _content(resource, variables)
        if len(content) > _LARGEST[kind]:
            raise ConfigError(
                f"the {kind} {key!r} has {len(content)} bytes, and a Swarm takes"
                f" {_LARGEST[kind]} at most",
                where=resource.where,
                mend="put it into the image, or into a volume",
            )
        found.append(Object(kind, key, _name(kind, stack, key, content), content))
    return tuple(found)


async def names(docker: Docker, kind: str) -> frozenset[str]:
    """Return the names of all secrets or configs of the Swarm."""
    return frozenset((await docker.asked(kind, "ls", "--format", "{{.Name}}")).split())


async def create(docker: Docker, stack: str, one: Object) -> None:
    """Create a secret or config. Its content goes by standard input, never in an argument.

    Raises ``EnvironmentFailure``; that it is there already is no error.
    """
    labels = ("--label", f"{NAMESPACE}={stack}", "--label", f"{KEY}={one.key}")
    done = await docker.processes.run(
        ("docker", one.kind, "create", *labels, one.name, "-"),
        env=docker.engine,
        input=one.content,
    )
    if not done.ok and one.name not in await names(docker, one.kind):
        raise failure(f"the {one.kind} {one.key} could not be created", done)


async def prune(docker: Docker, stack: str, services: Iterable[Service]) -> tuple[str, ...]:
    """Remove the objects that no service needs now or on its way back; return their names."""
    needed = _needed(services)
    gone: list[str] = []
    for kind in KINDS:
        filters = ("--filter", f"label={NAMESPACE}={stack}", "--format", "{{.Name}}")
        ours = (await docker.asked(kind, "ls", *filters)).split()
        stale = [name for name in ours if (kind, name) not in needed]
        done = await asyncio.gather(*(docker.run(kind, "rm", name) for name in stale))
        # One that is in use all the same stays: the Swarm itself refuses.
        gone += [name for name, one in zip(stale, done, strict=True) if one.ok]
    return tuple(gone)


def _needed(services: Iterable[Service]) -> set[tuple[str, str]]:
    templates: list[Mapping[str, Any]] = []
    for service in services:
        templates.append(service.template)
        if service.previous is not None:
            templates.append(service.previous)
    found = set()
    for template in templates:
        container = template["ContainerSpec"]
        found |= {("secret", one["SecretName"]) for one in container.get("Secrets") or ()}
        found |= {("config", one["ConfigName"]) for one in container.get("Configs") or ()}
    return found


def _content(resource: Resource, variables: Mapping[str, str]) -> bytes:
    if resource.environment:
        return variables.get(resource.environment, "").encode()
    if resource.content is not None:
        return resource.content.encode()
    return Path(resource.file or "").read_bytes()


def _name(kind: str, stack: str, key: str, content: bytes) -> str:
    """Return a name that changes with the content.

    Names are shown to many who must not know a secret: guessing its content from the name costs a
    slow hash for each guess, and the salt is another one for each key.
    """
    if kind == "secret":
        salt = f"{stack}/{key}".encode()
        digest = hashlib.scrypt(content, salt=salt, n=2**14, r=8, p=1, dklen=8).hex()[:10]
    else:
        digest = hashlib.sha256(content).hexdigest()[:10]
    return f"{stack}_{key}"[: _LIMIT - len(digest) - 1] + f"-{digest}"
