"""Which files there are, and which of them lint looks at."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.config import Config
from seatrial.errors import ConfigError, UsageError
from seatrial.host.git import ignored
from seatrial.lint.discovered import discovered
from seatrial.lint.kinds import FOREIGN, LARGEST, Kind, kind_of
from seatrial.model.project import Service, Suite

# Hidden folders are left out, but for those of workflows.
_SHOWN = frozenset((".github", ".gitea", ".forgejo"))
_YAML = (".yml", ".yaml")
_SERVICES = re.compile(rb"^[\"']?(?:services|include)[\"']?[ \t]*:", re.MULTILINE)
_CODE = (".py", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")


@dataclass(frozen=True)
class Collected:
    """What one run works on.

    ``paths`` are all files, ``kinds`` those that lint has rules for, ``stages`` the stage of each
    file of tests; relative to ``root``, with slashes. ``given`` are those among them that were
    asked for, ``None`` means all; ``named`` are those that were given by their own name.
    ``problems`` are what discovery could not read.
    """

    root: Path
    paths: frozenset[str]
    kinds: Mapping[str, Kind]
    stages: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    suites: tuple[Suite, ...] = ()
    given: frozenset[str] | None = None
    named: tuple[str, ...] = ()
    problems: tuple[ConfigError, ...] = ()


def collect(root: Path, config: Config, given: Sequence[Path] = ()) -> Collected:
    """Return what is below ``root``; ``given`` (absolute) narrows what is looked at.

    Raises ``UsageError`` for a given path that does not exist or lies outside, ``ConfigError`` for
    what seatrial.toml says wrongly.
    """
    if root == Path(root.anchor):
        raise UsageError(
            "the whole machine is no repository", mend="go to one, or name one with -C DIR"
        )
    hidden = ignored(root)
    paths = frozenset(_walk(root, root, hidden))
    asked = None
    if given:
        asked = frozenset(path for place in given for path in _below(place, root, paths))
        paths |= asked
    found = discovered(root, config)
    stages = _stages(root, paths, found.suites)
    named = _named(root, found.suites, given)
    kinds = {path: kind for path in paths if (kind := kind_of(path) or named.get(path))}
    kinds = _without_stray_env_files(kinds)
    kinds.update((path, Kind.TEST) for path in stages if path not in kinds)
    own = tuple(place.relative_to(root).as_posix() for place in given if not place.is_dir())
    kinds = dict(sorted(kinds.items()))
    suites, problems = tuple(found.suites), tuple(found.problems)
    return Collected(root, paths, kinds, stages, found.services, suites, asked, own, problems)


def _walk(root: Path, start: Path, hidden: Collection[str]) -> Iterator[str]:
    """Yield the files below ``start`` that are the project's own, relative to ``root``.

    What git ignores is left out, but for the ``.env`` that Compose reads beside a compose file.
    """
    hidden = frozenset(hidden)
    for at, folders, files in os.walk(start):
        below = Path(at).relative_to(root).as_posix()
        prefix = "" if below == "." else f"{below}/"
        folders[:] = sorted(
            name
            for name in folders
            if name not in FOREIGN
            and not _is_template(name)
            and (not name.startswith(".") or name in _SHOWN)
            and f"{prefix}{name}/" not in hidden
        )
        yield from (
            prefix + name for name in files if name == ".env" or prefix + name not in hidden
        )


def _is_template(name: str) -> bool:
    """Return whether a folder's name is filled in later, as cookiecutter and copier do."""
    return "{{" in name or "{%" in name


def _below(place: Path, root: Path, paths: frozenset[str]) -> Iterator[str]:
    """Yield the files that a given path means; one that was left out counts when it is named."""
    if not place.exists():
        raise UsageError(f"no such file or folder: {place}", mend="correct the path")
    if not place.is_relative_to(root):
        raise UsageError(
            f"{place} is not in the repository {root}",
            mend=f"run lint there: seatrial -C {place if place.is_dir() else place.parent} lint",
        )
    below = place.relative_to(root).as_posix()
    if not place.is_dir():
        yield below
    elif below == ".":
        yield from paths
    else:
        own = [path for path in paths if path.startswith(f"{below}/")]
        yield from own or _walk(root, place, ())


def _named(root: Path, suites: Iterable[Suite], given: Iterable[Path]) -> dict[str, Kind]:
    """Return YAML files that are compose files because the user says so, whatever their name."""
    files = [*(file for suite in suites for file in suite.compose), *filter(_has_services, given)]
    return {
        file.relative_to(root).as_posix(): Kind.COMPOSE
        for file in files
        if file.suffix in _YAML and file.is_relative_to(root)
    }


def _has_services(file: Path) -> bool:
    """Return whether a YAML file that was named looks like a compose file, broken or not."""
    if file.suffix not in _YAML or not file.is_file():
        return False
    with file.open("rb") as stream:
        return _SERVICES.search(stream.read(LARGEST)) is not None


def _stages(root: Path, paths: Iterable[str], suites: Iterable[Suite]) -> dict[str, str]:
    """Return the stage of every file of tests; the longest folder of a suite decides."""
    places: list[tuple[str, str]] = []
    for suite in suites:
        folder = suite.folder.resolve()
        for target in suite.targets or ("",):
            place = folder / target
            if place.is_relative_to(root):
                below = place.relative_to(root).as_posix()
                places.append(("" if below == "." else below, str(suite.stage)))
    places.sort(key=lambda place: len(place[0]), reverse=True)
    found = {}
    for path in paths:
        if path.endswith(_CODE) and (stage := _stage(path, places)):
            found[path] = stage
    return found


def _stage(path: str, places: Iterable[tuple[str, str]]) -> str:
    for place, stage in places:
        if path == place:
            return stage
        if not place or path.startswith(f"{place}/"):
            below = path[len(place) :]
            return stage if _is_test(path, within_tests="test" in place or "test" in below) else ""
    return ""


def _is_test(path: str, *, within_tests: bool) -> bool:
    name = path.rpartition("/")[2]
    if name.endswith(".py"):
        return within_tests and name != "__init__.py"
    return within_tests and (".test." in name or ".spec." in name or "/tests/" in f"/{path}")


def _without_stray_env_files(kinds: dict[str, Kind]) -> dict[str, Kind]:
    """Return ``kinds`` with env files only where Compose would read them: beside a compose file."""
    folders = {path.rpartition("/")[0] for path, kind in kinds.items() if kind is Kind.COMPOSE}
    return {
        path: kind
        for path, kind in kinds.items()
        if kind is not Kind.ENV or path.rpartition("/")[0] in folders
    }
