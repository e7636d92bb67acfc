"""Stages of a Dockerfile whose RUN lines are run in a copy of what was copied into them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import Where
from seatrial.runtimes.process.buildlines import Command, commands
from seatrial.runtimes.process.dockerfile.model import Image, Run
from seatrial.runtimes.process.paths import (
    INSTALLED,
    Entry,
    PathMap,
    Result,
    copied,
    declaring,
    entries,
)
from seatrial.runtimes.process.runlines import judged


@dataclass(frozen=True, slots=True)
class Line:
    """One RUN line, and what came into the stage between the line before it and this one."""

    run: Run
    commands: tuple[Command, ...]
    sources: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class StageBuild:
    """``lines`` run in their order; ``folder`` is then what ``/`` of the stage is.

    ``toolchain`` is the folder whose packages they use, ``origins`` are the stages that sources
    are taken from. ``entries`` are the stage's working folders, as they are in ``folder``.
    """

    folder: Path
    lines: tuple[Line, ...]
    toolchain: Path
    context: Path
    dockerfile: Path
    origins: tuple[StageBuild, ...]
    entries: tuple[Entry, ...]

    @property
    def where(self) -> Where:
        """Return the place of the last line."""
        return self.lines[-1].run.where

    def path(self, host: Path) -> str | None:
        """Return the path in the container of a path in ``folder``."""
        if host == self.folder or self.folder in host.parents:
            return posixpath.join("/", host.relative_to(self.folder).as_posix())
        return None


@dataclass(frozen=True, slots=True)
class Needed:
    """A build that a service cannot do without, and the paths that it takes from its result."""

    build: StageBuild
    taken: tuple[str, ...]


class Stages:
    """The built stages of one service's Dockerfile; their results go below ``folder``."""

    def __init__(self, context: Path, dockerfile: Path, folder: Path) -> None:
        self._context = context
        self._dockerfile = dockerfile
        self._folder = folder
        self._known: dict[Where, StageBuild] = {}

    def entries(self, image: Image) -> tuple[Entry, ...]:
        """Return what is where in the image, with the results of the lines that are run."""
        return entries(image, self._context, self._result)

    def mounted(self, copied: PathMap, mounts: Sequence[Entry]) -> PathMap:
        """Return the image with mounts over it; a mount hides the results below it."""
        kept = (
            entry
            for entry in copied.entries
            if not any(_below(entry.path, mount.path) for mount in mounts)
            or all(build.path(entry.host) is None for build in self._known.values())
        )
        return PathMap((*kept, *mounts))

    def needed(self, paths: PathMap) -> tuple[Needed, ...]:
        """Return the builds that something in ``paths`` comes from."""
        found = []
        for build in self._known.values():
            taken = [e for e in paths.entries if build.path(e.host) is not None]
            if taken:
                whole = {entry.host for entry in build.entries}
                inside = {build.path(e.host) or "/" for e in taken if e.host not in whole}
                kept = sorted(p for p in inside if posixpath.basename(p) not in INSTALLED)
                found.append(Needed(build, tuple(kept)))
        return tuple(found)

    def _result(self, image: Image) -> Result | None:
        build = self._build(image)
        return Result(build.lines[-1].run.copied, build.entries) if build else None

    def _build(self, image: Image) -> StageBuild | None:
        runs = list(_fit(image.runs))
        if not runs:
            return None
        where = runs[-1][0].where
        if where not in self._known:
            self._known[where] = self._made(image, runs)
        return self._known[where]

    def _made(self, image: Image, runs: list[tuple[Run, tuple[Command, ...]]]) -> StageBuild:
        folder = self._folder / str(runs[-1][0].where.line)
        lines, laid, done = [], list[Entry](), 0
        for run, started in runs:
            fresh: list[Entry] = []
            for copy in image.copies[done : run.copied]:
                fresh += copied(copy, run.workdir, self._context, [*laid, *fresh], self._result)
            lines.append(Line(run, started, tuple(fresh)))
            laid, done = [*laid, *fresh], run.copied
        workdirs = {run.workdir for run, _ in runs}
        outer = sorted(w for w in workdirs if not any(o != w and _below(w, o) for o in workdirs))
        under = tuple(laid)
        known = list(self._known.values())
        origins = [b for b in known if any(b.path(e.host) is not None for e in laid)]
        paths = PathMap(laid)
        nearest = paths.layout(runs[-1][0].workdir)
        owner = next((b for b in origins if nearest.nearest and b.path(nearest.nearest)), None)
        return StageBuild(
            folder,
            tuple(lines),
            owner.toolchain if owner else declaring(nearest, paths, self._context),
            self._context,
            self._dockerfile,
            tuple(origins),
            tuple(Entry(w, folder / w.lstrip("/"), fresh=True, under=under) for w in outer),
        )


def _fit(runs: Iterable[Run]) -> Iterator[tuple[Run, tuple[Command, ...]]]:
    """Yield the lines to run; one that cannot be run ends them: others may need what it makes."""
    for run in runs:
        if started := commands(run):
            yield run, started
        elif judged([run]).built:
            return


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
