"""One thing that a suite reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path


def everything(_: str) -> bool:
    """Say that each path of a folder counts."""
    return True


@dataclass(frozen=True, slots=True)
class Dependency:
    """A file, or a folder with all in it, by its absolute path; it need not exist.

    ``why`` tells how it comes into a suite. ``counts`` says of a path in the folder, seen from it,
    whether it is read.
    """

    path: Path
    why: str
    counts: Callable[[str], bool] = everything


def named(folder: Path, patterns: tuple[str, ...], why: str) -> Dependency:
    """Return the files right in ``folder`` whose names match one of ``patterns``."""

    def counts(name: str) -> bool:
        return "/" not in name and any(fnmatchcase(name, pattern) for pattern in patterns)

    return Dependency(folder, why, counts)


def called(path: Path, why: str) -> Dependency:
    """Return ``path``, or what it means to a language that leaves the ending of a file away."""
    if path.exists():
        return Dependency(path, why)
    name = path.name

    def counts(inside: str) -> bool:
        return inside == name or inside.startswith((f"{name}/", f"{name}."))

    return Dependency(path.parent, why, counts)
