"""What Compose does when it starts a container, for those that it does not start itself.

Secrets and configs that are no files are copied into a container before its first start, and what
``post_start`` says is run in it after each start.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.composefile.lenient import dotenv
from seatrial.composefile.model import ComposeService, Resource
from seatrial.deploy.base import Ground
from seatrial.deploy.compose.files import Files
from seatrial.deploy.swarm.stack import unescaped
from seatrial.errors import ConfigError
from seatrial.runtimes.docker.cli import failure
from seatrial.runtimes.docker.waves import needs_compose

_SECRETS = "/run/secrets/"
_MODE = 0o444


@dataclass(frozen=True, slots=True)
class Hook:
    """A command of ``post_start``; ``options`` are those of ``docker exec``."""

    command: tuple[str, ...]
    options: tuple[str, ...]
    environment: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What containers of ``service`` get at their start; ``archive`` is a tar of files, or empty.

    ``owned`` says that its files belong to certain users.
    """

    service: str
    archive: bytes = field(repr=False, default=b"")
    owned: bool = False
    hooks: tuple[Hook, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.archive or self.hooks)


async def beginning(ground: Ground, files: Files, service: ComposeService) -> Beginning:
    """Return what the files of today say. Raises ``ConfigError`` for what cannot be handed on."""
    if not needs_compose(ground.found.read.project, service):
        return Beginning(service.name)
    document = unescaped(json.loads(await files.config()))
    settings = document["services"][service.name]
    granted = list(_granted(ground, settings))
    owned = any("uid" in grant or "gid" in grant for _, grant, _ in granted)
    archive = _archive(granted) if granted else b""
    hooks = tuple(_hook(service, hook) for hook in settings.get("post_start") or ())
    return Beginning(service.name, archive, owned, hooks)


async def start(ground: Ground, ids: Sequence[str], begin: Beginning, patience: float) -> None:
    """Start those of ``ids`` that do not run, ``patience`` seconds for the engine's own part.

    Raises ``EnvironmentFailure`` where one does not start, or a hook does not end with 0.
    """
    docker = ground.docker
    facts = await docker.inspected("container", ids) if begin else []
    status = {str(one["Id"]): str(one["State"]["Status"]) for one in facts}
    for id in ids:
        # What an older one was given is in it still.
        if begin.archive and status.get(id) == "created":
            options = ("--archive",) if begin.owned else ()
            done = await docker.run("cp", *options, "-", f"{id}:/", input=begin.archive.decode())
            if not done.ok:
                raise failure(f"{begin.service} could not be given its secrets and configs", done)
    if ids:
        done = await docker.run("start", *ids, timeout=patience)
        if not done.ok:
            raise failure("the engine could not start a container", done)
    for id in ids:
        if begin.hooks and status.get(id) != "running":
            await _run(ground, id, begin)


async def _run(ground: Ground, id: str, begin: Beginning) -> None:
    for hook in begin.hooks:
        words = ("exec", *hook.options, id, *hook.command)
        done = await ground.docker.run(*words, input=hook.environment)
        if not done.ok:
            raise failure(f"the post_start hook of {begin.service} ended with {done.code}", done)


def _granted(
    ground: Ground, settings: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any], bytes]]:
    """Yield path, grant and content of each secret and config that is no file."""
    read, request = ground.found.read, ground.found.request
    variables = {**dotenv(request.files[0].parent, request.variables), **read.variables}
    for kind, resources in (("secrets", read.project.secrets), ("configs", read.project.configs)):
        for grant in settings.get(kind) or ():
            resource = resources.get(grant["source"])
            content = _content(resource, variables) if resource else b""
            if content:
                target = str(grant.get("target") or grant["source"])
                place = _SECRETS if kind == "secrets" else "/"
                yield target if target.startswith("/") else place + target, grant, content


def _content(resource: Resource, variables: Mapping[str, str]) -> bytes:
    if resource.external or resource.file is not None:
        return b""
    if resource.environment:
        return variables.get(resource.environment, "").encode()
    return (resource.content or "").encode()


def _archive(granted: list[tuple[str, Mapping[str, Any], bytes]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, grant, content in granted:
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size = len(content)
            mode = grant.get("mode", _MODE)
            entry.mode = int(mode, 8) if isinstance(mode, str) else int(mode)
            entry.uid, entry.gid = int(grant.get("uid") or 0), int(grant.get("gid") or 0)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _hook(service: ComposeService, given: Mapping[str, Any]) -> Hook:
    options: list[str] = []
    if given.get("user"):
        options += ["--user", str(given["user"])]
    if given.get("working_dir"):
        options += ["--workdir", str(given["working_dir"])]
    if given.get("privileged"):
        options.append("--privileged")
    given_values = given.get("environment") or {}
    values = {key: str(value) for key, value in given_values.items() if value is not None}
    if any("\n" in value for value in values.values()):
        raise ConfigError(
            f"a hook of {service.name} has a line break in its environment",
            where=service.keys.get("post_start"),
            mend="let its command read the value from a file",
        )
    if values:
        # Values may be secrets: nothing of them is in an argument.
        options += ["--env-file", "/dev/stdin"]
    lines = "".join(f"{key}={value}\n" for key, value in values.items())
    command = given.get("command") or ()
    return Hook(tuple(command), tuple(options), lines)
