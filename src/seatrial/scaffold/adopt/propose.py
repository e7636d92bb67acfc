"""What would be written into a repository that was looked into: a pure plan."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from seatrial.config import FILE_NAME, Config, parse
from seatrial.discover.look import compose_files
from seatrial.model.project import ServiceKind, Stage
from seatrial.scaffold.adopt.derive import derive
from seatrial.scaffold.adopt.environment import env_paths
from seatrial.scaffold.adopt.find import Look
from seatrial.scaffold.adopt.model import FoundService, Proposal, ProposedFile
from seatrial.scaffold.adopt.selection import Selection, closure, whole
from seatrial.scaffold.adopt.settings import Wiring, settings_text
from seatrial.scaffold.adopt.stack import Stack
from seatrial.scaffold.adopt.variables import EXAMPLES, THROWAWAY, is_public, read_public
from seatrial.scaffold.adopt.wiring import (
    addresses,
    environment_of,
    mentioned,
    plain_values,
    reachable,
)

# Languages whose programs often read their settings as soon as a module is loaded.
_READ_AT_IMPORT = (ServiceKind.PYTHON, ServiceKind.NODE)
COMPOSE = "deploy/test/docker-compose.yml"


def propose(look: Look) -> Proposal:
    """Return the files that are missing, with their texts and causes."""
    found = look.findings
    files = [*_whole(look), *_services(look)]
    wirings = {service.name: _wiring(look, service) for service in found.services}
    return Proposal(found, (*_settings(look, wirings), *files), tuple(_notes(look)))


def _settings(look: Look, wirings: Mapping[str, Wiring]) -> Iterator[ProposedFile]:
    if look.findings.config is not None:
        yield ProposedFile(FILE_NAME, "it says how the layout differs", there=True)
        return
    text = settings_text(look.findings, wirings)
    if text:
        parse(text, look.findings.root / FILE_NAME)
        yield ProposedFile(FILE_NAME, "the folders are not those of the layout", text)


def _whole(look: Look) -> Iterator[ProposedFile]:
    config, root = look.findings.config or Config(), look.findings.root
    if config.integration.compose is not None:
        return
    path = config.paths.integration_compose or COMPOSE
    if _is_there(root, path, config.paths.integration_compose):
        yield ProposedFile(_there(root, path), "the whole stack for tests", there=True)
    elif look.main is not None:
        about = "The whole stack for tests"
        cause = "the whole stack has no compose file for tests"
        yield _derived(look, look.main, whole(look.main), path, cause, about)


def _services(look: Look) -> Iterator[ProposedFile]:
    for service in look.findings.services:
        if _own_compose(look, service) is None:
            continue
        path = _path(look, service)
        given = (look.findings.config or Config()).paths.service_compose
        if _is_there(look.findings.root, path, given):
            there = _there(look.findings.root, path)
            yield ProposedFile(there, f"{service.name} for its tests", there=True)
        elif (stack := _stack(look, service)) is not None:
            about = f"{service.container} and what it stands on, for its own tests"
            cause = f"{service.name} has tests that need a server"
            yield _derived(look, stack, closure(stack, _parts(stack, service)), path, cause, about)


def _parts(stack: Stack, service: FoundService) -> list[str]:
    """Return the compose services that a service consists of: itself, and its workers."""
    return [name for name in stack.services if name in service.containers]


def _own_compose(look: Look, service: FoundService) -> str | None:
    """Return the compose service of a service that wants a file of its own."""
    if service.path == "." or service.suite(Stage.SERVICE) is None or not service.container:
        return None
    config = (look.findings.config or Config()).services.get(service.name)
    return None if config and config.service.compose is not None else service.container


def _path(look: Look, service: FoundService) -> str:
    given = (look.findings.config or Config()).paths.service_compose
    return f"{service.path}/{given or COMPOSE}"


def _is_there(root: Path, path: str, given: str | None) -> bool:
    if given:
        return (root / path).exists()
    return bool(compose_files((root / path).parent))


def _there(root: Path, path: str) -> str:
    found = compose_files((root / path).parent)
    return found[0].relative_to(root).as_posix() if found else path


def _derived(
    look: Look, stack: Stack, selection: Selection, path: str, cause: str, about: str
) -> ProposedFile:
    root = look.findings.root
    place = Path(path).parent.parent.parent.name
    made = derive(
        stack,
        selection,
        (root / path).parent,
        project=f"{look.findings.name} {place}".strip(),
        about=about,
        env_files=_env_files(look, stack),
    )
    origin = " and ".join(_shown(look, file) for file in stack.files)
    return ProposedFile(path, cause, made.text, origin, made.differences)


def _env_files(look: Look, stack: Stack) -> dict[Path, Path | None]:
    """Return which env file tests use in place of each: one that every clone has."""
    found: dict[Path, Path | None] = {}
    for name in stack.services:
        for path in env_paths(stack.node(name)):
            found[path] = _public_one(look, path)
    return found


def _public_one(look: Look, path: Path) -> Path | None:
    root, public = look.findings.root, look.public
    if path.is_file() and (public is None or is_public(path, public, root)):
        return path
    names = [f"{path.name}.{word}" for word in ("example", "sample", "template", "dist")]
    names += EXAMPLES if path.name == ".env" else ()
    return next((path.with_name(n) for n in names if path.with_name(n).is_file()), None)


def _stack(look: Look, service: FoundService) -> Stack | None:
    """Return the compose files that have the service: its own ones before the main ones."""
    home = look.findings.root / service.path
    own = [stack for stack in look.stacks if stack.folder.is_relative_to(home)]
    order = [*own, *([look.main] if look.main else []), *look.stacks]
    return next((stack for stack in order if service.container in stack.services), None)


def _wiring(look: Look, service: FoundService) -> Wiring:
    root = look.findings.root
    example = _example(look, service)
    unit: dict[str, str] = {}
    if service.kind in _READ_AT_IMPORT:
        unit = plain_values(example, (), mentioned(root / service.path, example))
    stack = _stack(look, service) if service.container else None
    if stack is None or service.suite(Stage.SERVICE) is None:
        return Wiring(unit=unit)
    env_files = _env_files(look, stack)
    more = [example]
    for path in env_paths(stack.node(service.container)):
        chosen = env_files.get(path)
        if chosen is not None and (chosen != path or _held(look, path)):
            more.append(read_public(chosen))
    container = stack.services[service.container]
    environment = environment_of(container, more)
    chosen_services = (
        whole(stack) if service.path == "." else closure(stack, _parts(stack, service))
    )
    exports = addresses(environment, stack, chosen_services)
    named = mentioned(root / service.path, environment)
    environment = reachable(environment, stack.services)
    return Wiring(exports, plain_values(environment, exports, named), unit)


def _held(look: Look, path: Path) -> bool:
    return is_public(path, look.public, look.findings.root)


def _example(look: Look, service: FoundService) -> dict[str, str]:
    """Return what an example file gives to a program that reads a ``.env`` of its own.

    Where git holds the ``.env`` itself, the program finds it.
    """
    home = look.findings.root / service.path
    if _held(look, home / ".env"):
        return {}
    example = next((home / name for name in EXAMPLES if (home / name).is_file()), None)
    return read_public(example) if example else {}


def _notes(look: Look) -> Iterator[str]:
    for stack in dict.fromkeys(id(stack) for stack in look.stacks):
        one = next(s for s in look.stacks if id(s) == stack)
        if one.assumed:
            names = ", ".join(one.assumed)
            yield f"no public value for {names}: {THROWAWAY!r} stands for each in the tests"
        for path in (p for p, chosen in _env_files(look, one).items() if chosen is None):
            shown = _shown(look, path)
            yield f"{shown} is not in git, nor an example of it: tests go without what it sets"
    there = compose_files(look.findings.root / COMPOSE.rpartition("/")[0])
    if not look.stacks and not there:
        yield "there is no compose file to derive from: tests that need a server need one"
    for service in look.findings.services:
        for why in service.dropped.values():
            yield f"{service.name}: {why}; it is left out"


def _shown(look: Look, file: Path) -> str:
    return os.path.relpath(file, look.findings.root)
