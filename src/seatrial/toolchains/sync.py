"""Installs folders' environments, once per run, several at a time, each under its lock."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import sysconfig
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from seatrial.errors import EnvironmentFailure
from seatrial.events import Event, Phase, PhaseFinished, PhaseStarted
from seatrial.host.clock import Clock
from seatrial.host.processes import Processes
from seatrial.toolchains.base import Toolchain
from seatrial.toolchains.locks import EnvironmentLock
from seatrial.toolchains.node import NodeRecipe
from seatrial.toolchains.python import PythonRecipe
from seatrial.toolchains.recipe import Recipe

# An installation gives way to the tests that already run.
_NICE = 10
_STEP_SECONDS = 900.0
# Between the end of an installation and the shared lock another run may change it once more.
_TRIES = 3
_MANIFESTS = ("pyproject.toml", "requirements.txt", "package.json", "go.mod", "Cargo.toml")


class SyncedToolchains:
    """All toolchains of one run; fulfils ``toolchains.base.Toolchains``.

    ``state`` is the user's state folder: it holds the locks, and the environments of checkouts
    that cannot be written to. ``root`` is the repository: a folder that names no packages of its
    own uses those of the nearest folder above it, up to there.
    """

    def __init__(
        self,
        processes: Processes,
        clock: Clock,
        emit: Callable[[Event], None],
        state: Path,
        root: Path | None = None,
    ) -> None:
        self._processes = processes
        self._clock = clock
        self._emit = emit
        self._state = state
        self._root = root
        self._tasks: dict[Path, asyncio.Task[Toolchain]] = {}
        self._locks: dict[Path, EnvironmentLock] = {}
        self._turns: dict[Path, asyncio.Lock] = {}

    async def ready(self, folder: Path) -> Toolchain:
        """See ``Toolchains.ready``. A caller that is cancelled leaves the others their result."""
        folder = folder.resolve()
        task = self._tasks.get(folder)
        if task is None:
            task = asyncio.create_task(self._ready(folder))
            self._tasks[folder] = task
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End what is still being installed, and let other runs change the environments."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for lock in self._locks.values():
            lock.close()
        self._locks.clear()

    async def _ready(self, folder: Path) -> Toolchain:
        recipe = self._recipe(folder)
        if recipe is None:
            return Toolchain(folder, "none")
        # Two folders may share one environment: a service without packages and the root.
        async with self._turns.setdefault(recipe.home, asyncio.Lock()):
            lock = self._locks.get(recipe.home) or self._lock(recipe.home)
            await self._up_to_date(recipe, lock)
        path = self._processes.environment.get("PATH", "")
        return Toolchain(folder, recipe.kind, recipe.home, recipe.env(path), recipe.fingerprint())

    def _lock(self, home: Path) -> EnvironmentLock:
        try:
            lock = EnvironmentLock(self._state / "locks", home)
        except OSError as error:
            raise EnvironmentFailure(
                f"no lock can be made in {self._state / 'locks'}: {error.strerror}",
                mend="make the folder writable, or let XDG_STATE_HOME name another one",
            ) from error
        self._locks[home] = lock
        return lock

    async def _up_to_date(self, recipe: Recipe, lock: EnvironmentLock) -> None:
        await lock.share()
        for _ in range(_TRIES):
            if _is_current(recipe):
                return
            if recipe.is_installed():
                _write_stamp(recipe)
                return
            await lock.exclude()
            if not _is_current(recipe):
                await self._install(recipe)
            await lock.share()

    async def _install(self, recipe: Recipe) -> None:
        steps = recipe.steps()
        subject = self._subject(recipe)
        self._emit(PhaseStarted(self._clock.at(), Phase.SYNC, subject))
        began, ok = self._clock.at(), False
        recipe.stamp.unlink(missing_ok=True)
        try:
            for step in steps:
                completed = await self._processes.run(
                    step.argv, cwd=step.cwd, env=step.env, timeout=_STEP_SECONDS, nice=_NICE
                )
                if not completed.ok:
                    raise recipe.failure(completed)
            if recipe.kind == "pip":
                # Only Python 3.13 and uv keep a new environment out of git by themselves.
                (recipe.home / ".gitignore").write_text("*\n")
            _write_stamp(recipe)
            ok = True
        finally:
            now = self._clock.at()
            self._emit(PhaseFinished(now, Phase.SYNC, subject, now - began, ok=ok))

    def _subject(self, recipe: Recipe) -> str:
        folder = recipe.folder
        if self._root is not None and folder.is_relative_to(self._root):
            return str(folder.relative_to(self._root))
        return folder.name

    def _recipe(self, folder: Path) -> Recipe | None:
        for candidate in (folder, *self._above(folder)):
            names = {name for name in _MANIFESTS if (candidate / name).is_file()}
            if names & {"pyproject.toml", "requirements.txt"}:
                recipe = self._python(candidate)
                if recipe.lock or recipe.wanted():
                    return recipe
            if "package.json" in names:
                return NodeRecipe(candidate, self._processes.find, _own_bin())
            if names & {"go.mod", "Cargo.toml"}:
                return None
        return None

    def _above(self, folder: Path) -> tuple[Path, ...]:
        root = self._root
        if root is None or folder == root or not folder.is_relative_to(root):
            return ()
        return tuple(above for above in folder.parents if above.is_relative_to(root))

    def _python(self, folder: Path) -> PythonRecipe:
        return PythonRecipe(folder, self._python_home(folder), find_uv(self._processes), _own_bin())

    def _python_home(self, folder: Path) -> Path:
        home = folder / ".venv"
        if os.access(home if home.exists() else folder, os.W_OK):
            return home
        name = sha256(os.fsencode(folder)).hexdigest()[:12]
        return self._state / "environments" / f"{folder.name}-{name}"


def find_uv(processes: Processes) -> tuple[str, ...]:
    """Return the command that starts uv: the user's, or what is beside us; empty without either."""
    if path := processes.find("uv"):
        return (path,)
    beside = Path(sysconfig.get_path("scripts")) / "uv"
    return (str(beside),) if beside.is_file() else ()


def _own_bin() -> str:
    """Return the folder of programs that seatrial's own virtual environment puts on PATH."""
    return str(Path(sys.prefix) / "bin") if sys.prefix != sys.base_prefix else ""


def _is_current(recipe: Recipe) -> bool:
    try:
        return recipe.stamp.read_text() == recipe.fingerprint()
    except OSError:
        return False


def _write_stamp(recipe: Recipe) -> None:
    with contextlib.suppress(OSError):
        recipe.stamp.write_text(recipe.fingerprint())
