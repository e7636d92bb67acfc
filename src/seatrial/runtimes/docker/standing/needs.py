"""What must be there before an environment can start, told all at once. Asks, changes nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.lenient import Read, dotenv
from seatrial.composefile.model import ComposeProject, Resource
from seatrial.errors import ConfigError, Where
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.docker.cli import Docker


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing, and the commands that mend it."""

    what: str
    commands: tuple[str, ...]


async def check(
    docker: Docker, request: EnvironmentRequest, read: Read, wanted: Iterable[str]
) -> None:
    """Raise ``ConfigError`` with the commands that mend all that ``wanted`` services lack."""
    services = set(wanted)
    lacks = [
        *_variables(request, read),
        *_files(request, read.project, services),
        *await _external(docker, read.project, services),
    ]
    if not lacks:
        return
    commands = dict.fromkeys(command for lack in lacks for command in lack.commands)
    raise ConfigError(
        f"{request.key} lacks {', '.join(lack.what for lack in lacks)}",
        where=_place(read),
        mend=f"run the commands above in {request.root}, with values of your own",
        detail=tuple(commands),
    )


def closure(project: ComposeProject, services: Iterable[str]) -> tuple[str, ...]:
    """Return ``services`` (all, where none is given) and all that they depend on. Pure."""
    waiting = list(services) or list(project.services)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in project.services and name not in found:
            found.add(name)
            waiting += project.services[name].depends_on
    return tuple(name for name in project.services if name in found)


def _place(read: Read) -> Where | None:
    return read.missing[0].where if read.missing else Where(read.project.files[0])


def _variables(request: EnvironmentRequest, read: Read) -> Iterator[Lack]:
    folder = request.files[0].parent
    env, example = folder / ".env", folder / ".env.example"
    names = [error.name for error in read.missing]
    known = {**dotenv(folder, request.variables), **request.variables}
    wanted = (secret.environment for secret in read.project.secrets.values())
    names += [name for name in wanted if name and name not in known]
    if not names:
        return
    shown = _shown(env, request.root)
    if example.is_file() and not env.exists():
        copy = f"cp {_shown(example, request.root)} {shown}  # and fill in: {', '.join(names)}"
        commands: tuple[str, ...] = (copy,)
    else:
        commands = tuple(f"echo '{name}=...' >> {shown}" for name in names)
    yield Lack(f"a value for {', '.join(names)}", commands)


def _files(
    request: EnvironmentRequest, project: ComposeProject, services: set[str]
) -> Iterator[Lack]:
    granted: dict[Path, bool] = {}
    for name in services:
        service = project.services[name]
        for grants, resources, secret in (
            (service.secrets, project.secrets, True),
            (service.configs, project.configs, False),
        ):
            for grant in grants:
                file = _file(resources, grant.source)
                if file is not None and not file.exists():
                    granted[file] = secret
    for file in sorted(granted):
        shown = _shown(file, request.root)
        folder = f"mkdir -m 700 -p {_shown(file.parent, request.root)}"
        commands = [] if file.parent.is_dir() else [folder]
        if granted[file]:
            # For everybody to read: the program in the container has another user's number.
            commands.append(f"openssl rand -hex 24 > {shown} && chmod 444 {shown}")
        else:
            commands.append(f"touch {shown}  # and fill it")
        yield Lack(f"the {'secret' if granted[file] else 'file'} {shown}", tuple(commands))


async def _external(docker: Docker, project: ComposeProject, services: set[str]) -> list[Lack]:
    found = []
    for kind, names in (
        ("volume", _volumes(project, services)),
        ("network", _networks(project, services)),
    ):
        there = {str(one.get("Name")) for one in await docker.inspected(kind, sorted(names))}
        for name in sorted(names - there):
            command = f"docker {kind} create {shlex.quote(name)}"
            found.append(Lack(f"the {kind} {name}", (command,)))
    return found


def _volumes(project: ComposeProject, services: set[str]) -> set[str]:
    mounts = [mount for name in services for mount in project.services[name].volumes]
    return _external_names(
        project.volumes, {mount.source or "" for mount in mounts if mount.kind == "volume"}
    )


def _networks(project: ComposeProject, services: set[str]) -> set[str]:
    used = {net for name in services for net in project.services[name].networks or {"default": ()}}
    return _external_names(project.networks, used)


def _external_names(resources: Mapping[str, Resource], used: set[str]) -> set[str]:
    external = (one for key, one in resources.items() if key in used and one.external)
    return {one.name or one.key for one in external}


def _file(resources: Mapping[str, Resource], source: str) -> Path | None:
    resource = resources.get(source)
    return resource.file if resource is not None else None


def _shown(path: Path, root: Path) -> str:
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return shlex.quote(str(inside))
