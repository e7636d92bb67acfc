"""Everything that a suite reads, put together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from seatrial.config import FILE_NAME, Config
from seatrial.discover.reads.above import above, inward
from seatrial.discover.reads.environments import Environments
from seatrial.discover.reads.model import Dependency, everything
from seatrial.discover.reads.outward import is_manifest, leading_out, named_by, named_from
from seatrial.discover.reads.packages import Packages, Unreadable
from seatrial.host import git
from seatrial.model.project import Project, Stage, Suite

# A path in a command line or a variable, which may hold several.
_WORD = re.compile(r"[^\s:=;,'\"]*/[^\s:=;,'\"]*")
_SERVICE = "its service's folder"
_TESTS = "its tests' folder"


class Reader:
    """Tells what the suites of ``project`` read; looks at each folder once.

    ``gone`` are files that were there: who names what is left of them without a slash reads it.
    """

    def __init__(
        self,
        project: Project,
        config: Config,
        variables: Mapping[str, str],
        gone: Iterable[Path] = (),
    ) -> None:
        self._root = project.root
        self._gone = frozenset(_gone(gone, project.root))
        # Tools look further up than to our root: to the whole that git knows.
        self._top = git.toplevel(project.root) or project.root
        self._project = project
        self._shared = config.paths.shared or ()
        self._environments = Environments(project, variables)
        self._packages = Packages(self._top)
        self._next: dict[Path, tuple[Dependency, ...]] = {}

    def of(self, suite: Suite) -> tuple[Dependency, ...]:
        """Return what ``suite`` reads, nearest first; links stand beside what they lead to."""
        try:
            found = dict.fromkeys(self._all(suite))
            return tuple(one for given in found for one in _with_target(given))
        except OSError as error:
            return (Dependency(self._root, f"{error.filename} cannot be read"),)

    def _all(self, suite: Suite) -> Iterator[Dependency]:
        service = self._project.service(suite.service) if suite.service else None
        if service is not None:
            yield from self._closure(_normal(service.path), _SERVICE)
        if service is None or _normal(suite.folder) != _normal(service.path):
            yield from self._whole(suite)
        yield from self._words(suite)
        yield Dependency(self._root / FILE_NAME, "it says what is run and how")
        if suite.compose:
            environment = self._environments.of(suite.compose)
            yield from environment.dependencies
            for standing in environment.services:
                folder = _normal(standing.path)
                yield from (d for d in self._closure(folder, "") if d.path != folder)
        if suite.stage is Stage.INTEGRATION:
            yield Dependency(self._root / "deploy/test", "the whole is described there")
        for name in self._shared:
            yield from self._closure(_normal(self._root / name), "it is shared by all")

    def _whole(self, suite: Suite) -> Iterator[Dependency]:
        """Yield what tests read that belong to no service."""
        if suite.folder == self._root and suite.runner == "command":
            yield Dependency(self._root, "its command may read anything")
            return
        for target in suite.targets or (".",):
            path = _normal(suite.folder / target)
            if path == self._root:
                yield Dependency(self._root, _TESTS)
            elif path.is_relative_to(self._root):
                top = self._root / path.relative_to(self._root).parts[0]
                yield from self._closure(top, _TESTS)
                if path.is_dir() and path != top:
                    yield from self._closure(path, _TESTS)
            else:
                top = path
                yield from self._closure(path, _TESTS)
            if path != self._root and not suite.folder.is_relative_to(top):
                for one in named_from(top, suite.folder, self._root, self._gone):
                    yield from self._closure_of(one)
        if suite.folder == self._root:
            yield from self._at_root()

    def _at_root(self) -> Iterator[Dependency]:
        why = "the root's manifests name it"
        yield Dependency(self._root, "it lies in the root", _is_python_of_root)
        yield from above(self._root, self._top)
        for path in inward(self._root):
            yield from self._closure(path, why)
        try:
            for folder in self._packages.asked_for(self._root):
                yield from self._closure(folder, why)
        except Unreadable as error:
            yield Dependency(self._root, f"{error} cannot be read")

    def _words(self, suite: Suite) -> Iterator[Dependency]:
        """Yield the paths outside of the suite's folder that its commands and variables name."""
        lines = [suite.command or (), *suite.setup, suite.targets, tuple(suite.env.values())]
        for word in (word for line in lines for text in line for word in _WORD.findall(text)):
            path = _normal(suite.folder / word)
            inside = path.is_relative_to(suite.folder) and suite.folder != self._root
            if not inside and not self._root.is_relative_to(path):
                yield Dependency(path, "its settings name it")

    def _closure(self, folder: Path, why: str) -> Iterator[Dependency]:
        """Yield ``folder`` and, through all packages between, everything that it leads to."""
        return self._closure_of(Dependency(folder, why))

    def _closure_of(self, first: Dependency) -> Iterator[Dependency]:
        waiting = [first]
        seen: set[Path] = set()
        while waiting:
            one = waiting.pop(0)
            if one.counts is not everything:
                yield one
            elif one.path not in seen:
                seen.add(one.path)
                yield one
                waiting += self._after(one.path)

    def _after(self, path: Path) -> tuple[Dependency, ...]:
        if path not in self._next:
            self._next[path] = tuple(self._look(path))
        return self._next[path]

    def _look(self, path: Path) -> Iterator[Dependency]:
        if path.is_file():
            if is_manifest(path.name):
                yield from named_by(path, self._root)
            return
        if not path.is_dir() or self._root.is_relative_to(path):
            return
        try:
            for folder in self._packages.asked_for(path):
                yield Dependency(folder, f"{_shown(path, self._root)} needs the package")
        except Unreadable as error:
            yield Dependency(self._root, f"{error} cannot be read")
        yield from leading_out(path, self._root, self._gone)
        yield from above(path, self._top)


def _gone(files: Iterable[Path], root: Path) -> Iterator[str]:
    """Yield the names in ``root`` of which nothing is left without ``files``."""
    names = {file.relative_to(root).parts[0] for file in files if file.is_relative_to(root)}
    return (name for name in names if not (root / name).exists())


def _is_python_of_root(name: str) -> bool:
    return "/" not in name and name.endswith(".py")


def _with_target(given: Dependency) -> Iterator[Dependency]:
    given = replace(given, path=_normal(given.path))
    yield given
    target = given.path.resolve()
    if target != given.path:
        yield Dependency(target, given.why, given.counts)


def _normal(path: Path) -> Path:
    return Path(os.path.normpath(path))


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
