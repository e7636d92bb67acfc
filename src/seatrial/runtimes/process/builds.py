"""Runs RUN lines in copies, once for the same inputs, and gives each service a copy of the result.

A key holds all that a result depends on and no path of the checkout, so that worktrees share.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import posixpath
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import EnvironmentFailure, RuntimeMissing
from seatrial.events import Phase, PhaseFinished, PhaseStarted
from seatrial.host.processes import Completed
from seatrial.model.redact import Redactor, secret_values
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.buildlines import Command
from seatrial.runtimes.process.laying import fingerprint, lay, link_modules, missing, sources
from seatrial.runtimes.process.paths import Entry, PathMap
from seatrial.runtimes.process.stages import Line, Needed, StageBuild
from seatrial.runtimes.process.surroundings import hidden, image_variables, path_of
from seatrial.toolchains.base import Toolchain
from seatrial.toolchains.locks import EnvironmentLock

# Part of each key: a change of what is done with the same inputs makes old results useless.
_FORMAT = "1"
_KEPT = 16
_LINE_SECONDS = 900.0
# A build gives way to the tests that already run.
_NICE = 10
_LAST_LINES = 20
# Another run may throw a result away between its making and its use.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Inputs:
    """What a build starts from: the files of each line, its packages and their programs."""

    files: tuple[Mapping[str, Path], ...]
    toolchain: Toolchain
    env: Mapping[str, str | None]


class Builds:
    """The builds of one environment; results are kept in ``folder``."""

    def __init__(self, folder: Path, context: RunContext, environment: str) -> None:
        self._folder = folder
        self._context = context
        self._environment = environment

    async def bring(self, needed: Needed, service: str, programs: Sequence[Path]) -> None:
        """Put the result where the plan has it, ``needed.build.folder``; build it before if it
        is not there yet. ``programs`` are folders that come last in PATH.

        Raises ``EnvironmentFailure`` where a line fails or does not make what is copied from it.
        """
        async with contextlib.AsyncExitStack() as held:
            made = await self._made(needed.build, service, programs, held)
            for path in needed.taken:
                if not os.path.lexists(made / path.lstrip("/")):
                    raise missing(path, needed.build.where)
            await asyncio.to_thread(shutil.rmtree, needed.build.folder, ignore_errors=True)
            needed.build.folder.parent.mkdir(parents=True, exist_ok=True)
            await self._copy(made, needed.build.folder)

    async def _copy(self, source: Path, target: Path) -> None:
        # cp clones where the file system can.
        done = await self._context.processes.run(("cp", "-a", str(source), str(target)))
        if not done.ok:
            raise EnvironmentFailure(
                "the result of a build could not be copied",
                mend=f"make room in {target.parent}",
                detail=tuple(done.err.splitlines()[-5:]),
            )

    async def _made(
        self,
        build: StageBuild,
        service: str,
        programs: Sequence[Path],
        held: contextlib.AsyncExitStack,
    ) -> Path:
        """Return the kept result, which stays until ``held`` ends."""
        origins = {
            one.folder: await self._made(one, service, programs, held) for one in build.origins
        }
        toolchain = await self._context.toolchains.ready(build.toolchain)
        inputs = await asyncio.to_thread(self._inputs, build, origins, toolchain, programs)
        made = self._folder / self._key(build, inputs)
        lock = EnvironmentLock(self._folder / "locks", made)
        held.callback(lock.close)
        await lock.share()
        for _ in range(_TRIES):
            if made.is_dir():
                os.utime(made)
                return made
            await lock.exclude()
            if not made.is_dir():
                await self._build(build, inputs, made, service)
                self._forget_old(made)
            await lock.share()
        raise EnvironmentFailure(
            f"the result of {build.where} is thrown away by other runs as soon as it is made",
            mend="run fewer at once",
        )

    def _inputs(
        self,
        build: StageBuild,
        origins: Mapping[Path, Path],
        toolchain: Toolchain,
        programs: Sequence[Path],
    ) -> _Inputs:
        processes = self._context.processes
        path = toolchain.env.get("PATH") or processes.environment.get("PATH")
        env = {
            **hidden(processes.environment),
            **toolchain.env,
            "PATH": path_of(path, *programs),
            "UV_NO_SYNC": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        files = tuple(sources(build, line.sources, origins) for line in build.lines)
        return _Inputs(files, toolchain, env)

    def _key(self, build: StageBuild, inputs: _Inputs) -> str:
        facts: list[object] = [_FORMAT, inputs.toolchain.kind, inputs.toolchain.fingerprint]
        for line, files in zip(build.lines, inputs.files, strict=True):
            variables = sorted(image_variables(line.run.env).items())
            facts += [line.run.text, line.run.workdir, variables, fingerprint(files)]
            facts += [self._program(name, inputs) for name in _programs(line)]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]

    def _program(self, name: str, inputs: _Inputs) -> tuple[str, int, int] | None:
        """Return what stands for a program's version: asking it would take a start."""
        found = self._context.processes.find(name, inputs.env)
        if found is None:
            return None
        program = Path(found).resolve()
        state = program.stat()
        return program.name, state.st_size, state.st_mtime_ns

    async def _build(self, build: StageBuild, inputs: _Inputs, made: Path, service: str) -> None:
        clock, emit = self._context.clock, self._context.emit
        newborn = made.with_suffix(".new")
        began, ok = clock.at(), False
        emit(PhaseStarted(began, Phase.BUILD, service, self._environment))
        try:
            shutil.rmtree(newborn, ignore_errors=True)
            for line, files in zip(build.lines, inputs.files, strict=True):
                await asyncio.to_thread(lay, files, newborn / "root")
                self._link(inputs, files, newborn / "root")
                await self._run(build, line, inputs, newborn)
            (newborn / "root").rename(made)
            ok = True
        finally:
            shutil.rmtree(newborn, ignore_errors=True)
            now = clock.at()
            emit(PhaseFinished(now, Phase.BUILD, service, now - began, self._environment, ok))

    @staticmethod
    def _link(inputs: _Inputs, files: Mapping[str, Path], root: Path) -> None:
        toolchain = inputs.toolchain
        for path, file in files.items():
            if file.name == "package.json" and file.parent in (toolchain.folder, toolchain.home):
                link_modules(file.parent / "node_modules", (root / path.lstrip("/")).parent)

    async def _run(self, build: StageBuild, line: Line, inputs: _Inputs, newborn: Path) -> None:
        root = newborn / "root"
        workdir = root / line.run.workdir.lstrip("/")
        workdir.mkdir(parents=True, exist_ok=True)
        paths = _paths(build, root)
        variables = {
            name: paths.translated(value, listed=name.endswith("PATH"))
            for name, value in image_variables(line.run.env).items()
        }
        private = {name: newborn / name.lower() for name in ("HOME", "TMPDIR")}
        for folder in private.values():
            folder.mkdir(exist_ok=True)
        env = {**inputs.env, **{name: str(folder) for name, folder in private.items()}}
        # Before an editable installation, whose files are those of the checkout.
        own = path_of(variables.pop("PYTHONPATH", None), workdir / "src", workdir)
        env |= {**variables, "PYTHONPATH": own}
        for command in line.commands:
            try:
                done = await self._started(command, workdir, env, paths)
            except RuntimeMissing as error:
                mend = f"{error.mend}, or use --runtime docker"
                raise RuntimeMissing(error.what, where=line.run.where, mend=mend) from None
            if not done.ok:
                raise _failed(line, command, done)

    async def _started(
        self, command: Command, workdir: Path, env: Mapping[str, str | None], paths: PathMap
    ) -> Completed:
        argv = [command.argv[0], *map(paths.translated, command.argv[1:])]
        return await self._context.processes.run(
            argv,
            cwd=workdir / command.folder,
            env={**env, **command.env},
            timeout=_LINE_SECONDS,
            nice=_NICE,
        )

    def _forget_old(self, newest: Path) -> None:
        """Remove the results that were not used for longest, but none that is in use."""
        found = [path for path in self._folder.iterdir() if path.name != "locks"]
        by_age = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
        for old in by_age[_KEPT:]:
            if old.stem == newest.stem:
                continue
            lock = EnvironmentLock(self._folder / "locks", old.with_suffix(""))
            if lock.try_exclude():
                shutil.rmtree(old, ignore_errors=True)
            lock.close()


def packages(
    builds: Sequence[Needed], folder: Path | None, toolchain: Toolchain
) -> Mapping[str, str]:
    """Return the variables under which Python finds a result that is a service's ``folder``.

    An editable installation would find the packages of the checkout, without what was built.
    """
    inside = folder is not None and any(one.build.path(folder) is not None for one in builds)
    if folder is None or not inside or toolchain.kind not in ("uv", "pip"):
        return {}
    return {"PYTHONPATH": path_of(folder / "src", folder)}


def _programs(line: Line) -> Sequence[str]:
    names = {command.argv[0] for command in line.commands}
    return sorted(names | ({"node"} if names & {"npm", "npx", "pnpm", "yarn"} else set()))


def _paths(build: StageBuild, root: Path) -> PathMap:
    """Return where container paths are in the copy."""
    laid = [entry.path for line in build.lines for entry in line.sources]
    known = [path for path in laid if (root / path.lstrip("/")).exists()]
    every = [*known, *(entry.path for entry in build.entries)]
    return PathMap([Entry(path, root / path.lstrip("/"), fresh=True) for path in every])


def _failed(line: Line, command: Command, done: Completed) -> EnvironmentFailure:
    hide = Redactor(secret_values(line.run.env))
    said = [*done.out.splitlines(), *done.err.splitlines()]
    shown = " ".join(command.argv)
    return EnvironmentFailure(
        hide(f"`{shown}` ended with {done.code} while a copy of the stage was built"),
        where=line.run.where,
        mend=f"mend what it names; it ran in a copy of {posixpath.join('/', line.run.workdir)}",
        detail=tuple(hide(text.rstrip()) for text in said if text.strip())[-_LAST_LINES:],
    )
