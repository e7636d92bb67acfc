"""The whole look into a repository: compose files, services, their tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.config import Config
from seatrial.discover.look import walk
from seatrial.discover.services import find_services
from seatrial.errors import ConfigError, UsageError
from seatrial.model.project import ServiceKind, Stage
from seatrial.scaffold.adopt.bases import image_of
from seatrial.scaffold.adopt.composesets import find_sets, main_set
from seatrial.scaffold.adopt.folders import Folder, find_folders
from seatrial.scaffold.adopt.images import backing_of
from seatrial.scaffold.adopt.model import ComposeSet, Findings, FoundService, FoundSuite
from seatrial.scaffold.adopt.places import DEEP_NAMES
from seatrial.scaffold.adopt.stack import Stack, read_stack
from seatrial.scaffold.adopt.suites import suites_of
from seatrial.scaffold.adopt.variables import known_values


@dataclass(frozen=True, slots=True)
class Look:
    """What was found, with the compose files as they were read (in the order of the sets)."""

    findings: Findings
    stacks: tuple[Stack, ...]
    main: Stack | None
    public: Collection[str] | None


def look(root: Path, config: Config | None, public: Collection[str] | None) -> Look:
    """Return what the repository at ``root`` holds; nothing of it is run.

    ``public`` are the files that git holds, ``None`` where git does not tell. Raises ``UsageError``
    where there is nothing to put tests around, ``ConfigError`` for a broken compose file.
    """
    sets, others = find_sets(root)
    sets, stacks, broken = _read_all(root, sets, public)
    others += broken
    folders = find_folders(root, stacks)
    if not folders and not stacks:
        raise UsageError(
            f"nothing to adopt in {root}: no compose file, no Dockerfile, no package",
            mend="run it at the root of a repository (or with -C DIR), or begin one: seatrial new",
        )
    servers = any(_servers(stack) for stack in stacks)
    services = _services(root, folders, stacks, config, servers)
    main = main_set(sets, [service.path for service in services])
    others += tuple((one.files[0], _unused(one)) for one in sets if not _used(one, main, services))
    findings = Findings(
        root,
        (config.name if config else None) or root.name,
        services,
        sets,
        others,
        _of_root(root, services),
        config,
    )
    stack = stacks[sets.index(main)] if main else None
    return Look(findings, stacks, stack, public)


def _read_all(
    root: Path, sets: Sequence[ComposeSet], public: Collection[str] | None
) -> tuple[tuple[ComposeSet, ...], tuple[Stack, ...], tuple[tuple[Path, str], ...]]:
    """Return the sets that can be read, how they read, and those aside that cannot be.

    Raises ``ConfigError`` where it is the one that describes the whole.
    """
    main = main_set(sets, ())
    read: list[tuple[ComposeSet, Stack]] = []
    broken: list[tuple[Path, str]] = []
    for one in sets:
        try:
            read.append((one, _read(one, root, public)))
        except ConfigError as error:
            if one is main:
                raise
            line = f"line {error.where.line}: " if error.where and error.where.line else ""
            broken.append((one.files[0], f"{line}{error.what}"))
    return tuple(s for s, _ in read), tuple(stack for _, stack in read), tuple(broken)


def _used(one: ComposeSet, main: ComposeSet | None, services: Sequence[FoundService]) -> bool:
    """Return whether a compose file for tests will be derived from ``one``."""
    return one is main or any(
        service.suite(Stage.SERVICE) is not None
        and (one.folder == service.path or one.folder.startswith(f"{service.path}/"))
        for service in services
    )


def _unused(one: ComposeSet) -> str:
    return f"no tests of {one.folder} need a server"


def _read(one: ComposeSet, root: Path, public: Collection[str] | None) -> Stack:
    known = known_values(dict.fromkeys((root, root / one.folder)), public, root)
    return read_stack(one.files, known.values)


def _servers(stack: Stack) -> bool:
    return any(backing_of(image_of(service)) for service in stack.services.values())


def _services(
    root: Path,
    folders: Sequence[Folder],
    stacks: Sequence[Stack],
    config: Config | None,
    servers: bool,
) -> tuple[FoundService, ...]:
    if config is not None:
        folders = _configured(root, folders, config)
    names = _names(root, folders, stacks)
    if config is not None:
        names |= {s.path: s.name for s in find_services(root, config)}
    found = []
    for folder in folders:
        nested = [f.path for f in folders if f.path != folder.path]
        nested = [path for path in nested if path.is_relative_to(folder.path)]
        suites = suites_of(folder.path, folder.kind, nested, servers=servers)
        tested = suites.found or suites.dropped or folder.kind is ServiceKind.RUST
        if not (tested or folder.containers or _has_image(folder.path)):
            continue
        if nested and folder.cause == "Dockerfile" and not folder.containers:
            # It builds the folders below, each of which is a service.
            continue
        container = _container(names[folder.path], folder)
        found.append(
            FoundService(
                names[folder.path],
                folder.path.relative_to(root).as_posix(),
                folder.kind,
                folder.cause,
                container,
                folder.containers,
                suites.found,
                dict(suites.dropped),
            )
        )
    return tuple(found)


def _configured(root: Path, folders: Sequence[Folder], config: Config) -> list[Folder]:
    """Return the folders that seatrial.toml makes services, as they were found."""
    known = {folder.path: folder for folder in folders}
    return [
        known.get(service.path) or Folder(service.path, service.kind, "seatrial.toml")
        for service in find_services(root, config)
    ]


def _has_image(folder: Path) -> bool:
    return (folder / "Dockerfile").is_file()


def _container(name: str, folder: Folder) -> str:
    if name in folder.containers:
        return name
    return folder.containers[0] if folder.containers else ""


def _names(root: Path, folders: Iterable[Folder], stacks: Sequence[Stack]) -> dict[Path, str]:
    """Return a name for each folder: its own, or that of the compose service that it is."""
    found: dict[Path, str] = {}
    for folder in folders:
        name = folder.path.name
        if name not in folder.containers and folder.containers:
            serving = [c for c in folder.containers if _serves(c, stacks)]
            name = (serving or folder.containers)[0]
        if name in found.values():
            name = folder.path.relative_to(root).as_posix().replace("/", "-")
        while name in found.values():
            name = f"{name}-2"
        found[folder.path] = name
    return found


def _serves(container: str, stacks: Sequence[Stack]) -> bool:
    return any(container in s.services and s.services[container].ports for s in stacks)


def _of_root(root: Path, services: Sequence[FoundService]) -> tuple[FoundSuite, ...]:
    """Return the tests of the whole: test folders of the root that are no service's."""
    if any(service.path == "." for service in services):
        return ()
    found: list[FoundSuite] = []
    for name in ("tests/integration", *DEEP_NAMES, "tests", "test"):
        folder = root / name
        covered = any(path.startswith(f"{name}/") for suite in found for path in suite.paths)
        if not folder.is_dir() or covered or any(s.path.startswith(name) for s in services):
            continue
        if any(f.name.startswith("test_") and f.suffix == ".py" for f in walk(folder)):
            usual = name == "tests/integration"
            found.append(FoundSuite(Stage.INTEGRATION, f"{name} is at the root", (name,), usual))
    return tuple(found[:1])
