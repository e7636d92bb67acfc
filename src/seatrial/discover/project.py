"""The whole of discovery: services, their suites, the root's suite, and what cannot run here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from seatrial.config import Config
from seatrial.discover.services import MARKERS, find_services
from seatrial.discover.suites import Finder
from seatrial.errors import ConfigError, NoTests, Where
from seatrial.model.project import LeftOut, Project, ServiceKind, Suite
from seatrial.toolchains.recipe import missing_program

_NEEDS = {
    "vitest": ServiceKind.NODE,
    "jest": ServiceKind.NODE,
    "go": ServiceKind.GO,
}
_PROGRAMS = {
    "npm": ServiceKind.NODE,
    "npx": ServiceKind.NODE,
    "node": ServiceKind.NODE,
    "go": ServiceKind.GO,
    "cargo": ServiceKind.RUST,
}


def discover(root: Path, config: Config, *, has_program: Callable[[str], bool]) -> Project:
    """Return what is below ``root``.

    ``has_program`` says whether a program is on PATH. Raises ``ConfigError`` for a file or folder
    that cannot be read or a seatrial.toml that names what is not there, ``NoTests`` where there is
    nothing to run or leave out.
    """
    root = root.resolve()
    try:
        services = find_services(root, config)
        finder = Finder(root, config)
        suites = [suite for service in services for suite in finder.of_service(service)]
        suites += finder.of_root()
    except PermissionError as error:
        raise ConfigError(
            "cannot be read: permission denied",
            where=Where(Path(error.filename)),
            mend="make it readable; or leave a service out with skip = true in seatrial.toml",
        ) from None
    if not suites:
        raise _nothing(root, config, bool(services))
    ready, left_out = _sorted_out(suites, has_program)
    return Project(root, config.name or root.name or "root", services, ready, left_out)


def _sorted_out(
    suites: Iterable[Suite], has_program: Callable[[str], bool]
) -> tuple[tuple[Suite, ...], tuple[LeftOut, ...]]:
    ready, left_out = [], []
    for suite in suites:
        missing = _missing(suite, has_program)
        if missing:
            left_out.append(LeftOut(suite, missing))
        else:
            ready.append(suite)
    return tuple(ready), tuple(left_out)


def _missing(suite: Suite, has_program: Callable[[str], bool]) -> str:
    """Return the program that ``suite`` needs and this machine lacks; empty where all is well."""
    kind = _needs(suite)
    if kind is None:
        return ""
    return missing_program(kind, lambda program: program if has_program(program) else None)


def _needs(suite: Suite) -> ServiceKind | None:
    by_program = _PROGRAMS.get(suite.command[0]) if suite.command else None
    return by_program or _NEEDS.get(suite.runner)


def _nothing(root: Path, config: Config, services: bool) -> NoTests:
    places = config.paths.services or ("services",)
    folders = ", ".join(f"{place}/" for place in places)
    if not services:
        markers = ", ".join(name for name, _ in MARKERS)
        return NoTests(
            f"no service and no test in {root}: looked in {folders} for folders with {markers}, "
            f"and for {config.paths.integration or 'tests/integration'}",
            mend="run it in the repository (or with -C DIR), or name folders in seatrial.toml: "
            '[paths] services = "…"',
        )
    return NoTests(
        f"no test exists in {root}: looked in each service's {config.paths.unit or 'tests/unit'} "
        f"and {config.paths.service or 'tests/integration'}, for test scripts, "
        f"and in {config.paths.integration or 'tests/integration'}",
        mend=f"put a first test into {places[0]}/<name>/tests/unit/test_<something>.py",
    )
