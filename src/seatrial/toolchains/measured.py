"""Toolchains whose Python writes down which lines it runs: for ``seatrial test --coverage``.

It is coverage.py that measures: that of the folder's own environment, else one that is installed
beside it, into a folder of seatrial's cache that comes last on the module search path. The user's
environment stays as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from seatrial.errors import SeatrialError
from seatrial.events import Event, Notice, Noticed, Phase, PhaseFinished, PhaseStarted
from seatrial.host.clock import Clock
from seatrial.host.processes import Processes
from seatrial.toolchains.base import Toolchain, Toolchains
from seatrial.toolchains.locks import EnvironmentLock
from seatrial.toolchains.recipe import install_failed
from seatrial.toolchains.sync import find_uv

PROGRAM = Path(__file__).parent.parent / "injected/python_coverage/seatrial_coverage.py"
_VARIABLE = "SEATRIAL_COVERAGE"
# coverage.py 7 was the first whose patterns know `**`; 7.2 serves Python 3.7.
_WANTED = "coverage[toml]>=7.2,<8"
_INSTALL_SECONDS = 300.0
# Inside the repository and not of it. A folder that begins with a dot holds tools and caches.
_FOREIGN = ("**/.*/*", "**/site-packages/*", "**/node_modules/*")


@dataclass(frozen=True, slots=True)
class Measured:
    """A folder whose Python is measured: with what it was told, and what it has written so far."""

    toolchain: Toolchain
    settings: Mapping[str, object]

    @property
    def python(self) -> str:
        """Return the program that can read the folder's sources and data."""
        home = self.toolchain.home
        return str(home / "bin/python") if home is not None else "python3"

    @property
    def recorded(self) -> list[Path]:
        """Return the files of data, one a process."""
        beginning = Path(str(self.settings["data"]))
        return sorted(beginning.parent.glob(f"{beginning.name}.*"))


class MeasuredToolchains:
    """Hands on what ``inner`` has installed, measured; fulfils ``toolchains.base.Toolchains``.

    ``cache`` is the user's folder for what can be made again, ``data`` a folder of this run, and
    ``root`` the repository, outside of which nothing counts.
    """

    def __init__(
        self,
        inner: Toolchains,
        processes: Processes,
        clock: Clock,
        emit: Callable[[Event], None],
        *,
        cache: Path,
        data: Path,
        root: Path,
    ) -> None:
        self._inner = inner
        self._processes = processes
        self._clock = clock
        self._emit = emit
        self._cache = cache / "coverage"
        self._data = data
        self._root = root
        self._tasks: dict[Path, asyncio.Task[Toolchain]] = {}
        self._turn = asyncio.Lock()
        self.folders: dict[Path, Measured] = {}

    async def ready(self, folder: Path) -> Toolchain:
        """See ``Toolchains.ready``."""
        folder = folder.resolve()
        if folder not in self._tasks:
            self._tasks[folder] = asyncio.create_task(self._ready(folder))
        return await asyncio.shield(self._tasks[folder])

    async def close(self) -> None:
        """End what is still being installed."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _ready(self, folder: Path) -> Toolchain:
        toolchain = await self._inner.ready(folder)
        if toolchain.kind not in ("uv", "pip", "none"):
            return toolchain
        try:
            library = await self._library(toolchain)
        except (SeatrialError, OSError) as error:
            said = str(error)
            if isinstance(error, SeatrialError):
                said = " / ".join((error.what, *error.detail[-1:]))
            self._emit(Noticed(self._clock.at(), Notice.COVERAGE_FAILED, folder.name, said))
            return toolchain
        settings = self._settings(folder, library)
        measured = replace(
            toolchain,
            env={**toolchain.env, _VARIABLE: json.dumps(settings)},
            search=(PROGRAM.parent,),
        )
        self.folders[folder] = Measured(toolchain, settings)
        return measured

    def _settings(self, folder: Path, library: Path | None) -> dict[str, object]:
        place = self._data / str(len(self.folders))
        place.mkdir(parents=True)
        return {
            "root": str(self._root),
            "folder": str(folder),
            "data": str(place / "data"),
            "library": str(library or ""),
            "omit": [f"{self._root}/{pattern}" for pattern in _FOREIGN],
        }

    async def _library(self, toolchain: Toolchain) -> Path | None:
        """Return the folder of coverage.py for an environment that has none of its own.

        What runs in no environment (a folder that names no packages) has to bring its own.
        """
        if toolchain.home is None:
            return None
        packages = next(toolchain.home.glob("lib/*/site-packages"), None)
        if packages is None or (packages / "coverage/__init__.py").is_file():
            return None
        version = packages.parent.name
        folder = self._cache / f"{version}-{platform.machine()}"
        async with self._turn:
            if not _is_there(folder):
                await self._install(toolchain.home / "bin/python", folder, version)
        return folder

    async def _install(self, python: Path, folder: Path, version: str) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = EnvironmentLock(folder.parent, folder)
        with contextlib.closing(lock):
            await lock.exclude()
            if _is_there(folder):
                return
            subject = f"coverage.py for {version}"
            began, ok = self._clock.at(), False
            self._emit(PhaseStarted(began, Phase.SYNC, subject))
            try:
                await self._install_into(python, folder)
                ok = True
            finally:
                now = self._clock.at()
                self._emit(PhaseFinished(now, Phase.SYNC, subject, now - began, ok=ok))

    async def _install_into(self, python: Path, folder: Path) -> None:
        """Install beside ``folder`` and move it there, so that half of it is never found."""
        new = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
        uv = find_uv(self._processes)
        by_uv = (*uv, "pip", "install", "--python", str(python), "--no-progress")
        by_pip = (str(python), "-m", "pip", "install", "--disable-pip-version-check")
        try:
            done = await self._processes.run(
                (*(by_uv if uv else by_pip), "--target", str(new), _WANTED),
                cwd=new,
                env={"VIRTUAL_ENV": None},
                timeout=_INSTALL_SECONDS,
            )
            if not done.ok:
                raise install_failed(done, folder)
            shutil.rmtree(new / "bin", ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
        finally:
            shutil.rmtree(new, ignore_errors=True)


def _is_there(folder: Path) -> bool:
    return (folder / "coverage/__init__.py").is_file()
