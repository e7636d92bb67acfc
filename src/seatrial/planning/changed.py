"""From changed files to the suites that they touch. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.discover.reads import Dependency
from seatrial.discover.services import MARKERS
from seatrial.host.diff import ChangedFile, How

MANIFESTS = frozenset(name for name, _ in MARKERS) - {"Dockerfile"}


@dataclass(frozen=True, slots=True)
class Touch:
    """Why a suite runs: the first ``file`` that changed of the nearest thing that it reads."""

    file: ChangedFile
    dependency: Dependency


def touched(
    reads: Mapping[str, Sequence[Dependency]],
    changed: Iterable[ChangedFile],
    renamed: Collection[Path] = (),
) -> dict[str, Touch]:
    """Return the ids of suites that one of the ``changed`` files touches, each with its cause.

    ``reads`` maps the ids of all suites to what they read. A package that is gone touches all, and
    so does one whose manifest is among ``renamed``: nothing tells who needs it by its old name.
    """
    changed = tuple(changed)
    files = [(str(file.path), file) for file in changed]
    known: dict[Dependency, ChangedFile | None] = {}
    found: dict[str, Touch] = {}
    for suite, dependencies in reads.items():
        for dependency in dependencies:
            if dependency not in known:
                known[dependency] = _first(dependency, files)
            file = known[dependency]
            if file is not None:
                found[suite] = Touch(file, dependency)
                break
    for file in (file for file in changed if _is_package_gone(file) or file.path in renamed):
        touch = Touch(file, Dependency(file.path, "a package that others may need"))
        found = {suite: found.get(suite, touch) for suite in reads}
    return found


def _is_package_gone(file: ChangedFile) -> bool:
    return file.how is How.DELETED and file.path.name in MANIFESTS


def _first(dependency: Dependency, files: Sequence[tuple[str, ChangedFile]]) -> ChangedFile | None:
    own = str(dependency.path)
    below = own.rstrip("/") + "/"
    for name, file in files:
        if name.startswith(below):
            if dependency.counts(name[len(below) :]):
                return file
        # A changed folder is a submodule, or a link that was a folder: all in it may have changed.
        elif name == own or own.startswith(f"{name}/"):
            return file
    return None
