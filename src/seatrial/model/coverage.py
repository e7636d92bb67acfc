"""Which lines ran: files, what several suites say of them put together, and totals of services."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeVar

from seatrial.model.project import Project

# Where nothing but tests is, and how files with tests are called.
_TEST_FOLDERS = frozenset(("tests", "__tests__"))
_TEST_NAME = re.compile(r"test_.*\.py|.*_test\.py|conftest\.py|.*\.(test|spec)\.[cm]?[jt]sx?")
_K = TypeVar("_K")
# The code of no service: shared packages, scripts.
ELSEWHERE = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """One way out of a line: ``block`` and ``name`` tell it from the others of the line."""

    line: int
    block: str
    name: str


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """A file, by its path from the root with slashes: how often each line and branch was taken.

    Lines that hold nothing to run are in neither. The branches are those that a runner measured.
    """

    path: str
    lines: Mapping[int, int] = field(default_factory=dict)
    branches: Mapping[Branch, int] = field(default_factory=dict)

    def __add__(self, other: FileCoverage) -> FileCoverage:
        """Return what both say together; the file is the same."""
        return FileCoverage(
            self.path, _sum(self.lines, other.lines), _sum(self.branches, other.branches)
        )


@dataclass(frozen=True, slots=True)
class Covered:
    """How much of a service (or of all, or of what is elsewhere, ``name`` empty) the tests ran."""

    name: str
    files: int = 0
    lines: int = 0
    lines_covered: int = 0
    branches: int = 0
    branches_covered: int = 0

    @property
    def rate(self) -> float:
        """Return the part of the lines that ran, 0 to 1; 1 where there is none."""
        return self.lines_covered / self.lines if self.lines else 1.0

    def __add__(self, other: Covered) -> Covered:
        """Return the totals of both; the name is that of the first."""
        return Covered(
            self.name,
            self.files + other.files,
            self.lines + other.lines,
            self.lines_covered + other.lines_covered,
            self.branches + other.branches,
            self.branches_covered + other.branches_covered,
        )


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """All files that count, by path, each once, and the totals of the services that have some."""

    files: tuple[FileCoverage, ...]
    services: tuple[Covered, ...]

    @property
    def total(self) -> Covered:
        """Return the totals of all files."""
        return sum(self.services, Covered(""))


def merged(project: Project, found: Iterable[FileCoverage]) -> CoverageReport:
    """Return what was ``found`` as one report: every file once, no tests, grouped by service."""
    files: dict[str, FileCoverage] = {}
    for one in found:
        if not is_test(one.path):
            files[one.path] = files[one.path] + one if one.path in files else one
    ordered = tuple(files[path] for path in sorted(files))
    groups: dict[str, list[FileCoverage]] = {}
    for file in ordered:
        groups.setdefault(_service(project, file.path), []).append(file)
    names = [service.name for service in project.services] + [ELSEWHERE]
    services = tuple(covered(name, groups[name]) for name in names if name in groups)
    return CoverageReport(ordered, services)


def covered(name: str, files: Iterable[FileCoverage]) -> Covered:
    """Return the totals of ``files``."""
    files = tuple(files)
    lines = [hits for file in files for hits in file.lines.values()]
    branches = [hits for file in files for hits in file.branches.values()]
    return Covered(
        name,
        len(files),
        len(lines),
        sum(hits > 0 for hits in lines),
        len(branches),
        sum(hits > 0 for hits in branches),
    )


def is_test(path: str) -> bool:
    """Return whether a file is one of the tests, whose own lines say nothing about the code."""
    parts = PurePosixPath(path)
    inside = _TEST_FOLDERS.intersection(parts.parts[:-1])
    return bool(inside) or _TEST_NAME.fullmatch(parts.name) is not None


def _service(project: Project, path: str) -> str:
    """Return the service in whose folder a file is: the innermost one."""
    whole = project.root / path
    inside = [s for s in project.services if whole.is_relative_to(s.path)]
    return max(inside, key=lambda s: len(s.path.parts)).name if inside else ELSEWHERE


def _sum(one: Mapping[_K, int], other: Mapping[_K, int]) -> dict[_K, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in (*one, *other)}
