"""Removes exactly what a dead run made, by its ledger."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from seatrial.errors import SeatrialError
from seatrial.host.ledger import Entry, abandoned, entries
from seatrial.host.processes import Processes
from seatrial.host.system import boot_id, group_members, is_alive, marked_processes
from seatrial.runtimes.docker.leftovers import remove_project
from seatrial.runtimes.process.isolation import blocks
from seatrial.runtimes.process.leftovers import release_folder

# Seconds that killed processes get to be gone before their files are removed.
_DYING = 5.0
_CHECK = 0.02


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What one dead run left behind; ``stuck`` names what would not go, with the reason."""

    run: str
    ledger: Path
    processes: tuple[int, ...] = ()
    folders: tuple[Path, ...] = ()
    projects: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    kept: bool = False

    @property
    def empty(self) -> bool:
        """Return whether there was nothing but the ledger itself."""
        return not (self.processes or self.folders or self.projects or self.stuck)

    @property
    def summary(self) -> str:
        """Return how much of what there was: ``processes=2 folders=1 projects=0``."""
        return (
            f"processes={len(self.processes)} folders={len(self.folders)} "
            f"projects={len(self.projects)}"
        )


def find(folder: Path) -> list[Leftovers]:
    """Return what dead runs left behind, and touch nothing."""
    found = []
    for path, descriptor in abandoned(folder):
        found.append(_look(path))
        os.close(descriptor)
    return found


async def clean(
    folder: Path, processes: Processes, *, kept: Collection[Path] = ()
) -> list[Leftovers]:
    """Remove what dead runs left; environments kept on purpose only where ``kept`` names them.

    ``kept`` are paths of ledgers.
    """
    cleaned = []
    for path, descriptor in abandoned(folder):
        try:
            left = _look(path)
            if not left.kept or path in kept:
                cleaned.append(await clean_one(path, processes))
        finally:
            os.close(descriptor)
    release_blocks(folder)
    return cleaned


def release_blocks(folder: Path) -> None:
    """Forget the address blocks that no live run holds; ``folder`` is that of the ledgers."""
    blocks.prune(folder.parent / "blocks")


async def clean_one(path: Path, processes: Processes) -> Leftovers:
    """Remove what the ledger at ``path`` lists, then the ledger unless something is stuck.

    The caller holds its lock.
    """
    listed = list(entries(path))
    left = _look(path)
    await _kill(left.processes)
    stuck = [
        *[text for folder in left.folders if (text := _remove_folder(folder))],
        *[text for entry in _of(listed, "engine") if (text := await _remove(entry, processes))],
    ]
    for entry in _of(listed, "file"):
        Path(entry.key).unlink(missing_ok=True)
    if not stuck:
        path.unlink(missing_ok=True)
    return Leftovers(
        left.run, path, left.processes, left.folders, left.projects, tuple(stuck), left.kept
    )


def _of(listed: Iterable[Entry], kind: str) -> list[Entry]:
    return [entry for entry in listed if entry.kind == kind]


def _look(path: Path) -> Leftovers:
    listed = list(entries(path))
    return Leftovers(
        run=path.stem,
        ledger=path,
        processes=tuple(sorted(_alive(listed))),
        folders=tuple(p for e in _of(listed, "folder") if (p := Path(e.key)).exists()),
        projects=tuple(e.key for e in _of(listed, "engine")),
        kept=bool(_of(listed, "kept")),
    )


def _alive(listed: Iterable[Entry]) -> set[int]:
    """Return the pids that are still those of this run, their sessions' other members included."""
    this_boot = boot_id()
    alive: set[int] = set()
    for entry in listed:
        if entry.facts.get("boot") != this_boot:
            continue
        if entry.kind == "process":
            pid = int(entry.key)
            if is_alive(pid, entry.facts["start"]):
                alive |= {pid, *group_members(pid)}
        elif entry.kind == "marker":
            alive |= set(marked_processes(entry.key))
    return alive


async def _kill(pids: Iterable[int]) -> None:
    waiting = set(pids)
    for pid in waiting:
        _signal(pid)
    loop = asyncio.get_running_loop()
    until = loop.time() + _DYING
    # Nobody is told of the end of a process that is not one's own child.
    while any(Path(f"/proc/{pid}").exists() and not _zombie(pid) for pid in waiting):
        if loop.time() > until:
            return
        await asyncio.sleep(_CHECK)


def _zombie(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return True
    return stat[stat.rfind(b")") + 2 : stat.rfind(b")") + 3] in (b"Z", b"X")


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _remove_folder(folder: Path) -> str:
    release_folder(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return f"{folder} could not be removed" if folder.exists() else ""


async def _remove(entry: Entry, processes: Processes) -> str:
    try:
        await remove_project(processes, entry.key, entry.facts["run"], entry.facts["host"])
    except SeatrialError as error:
        return f"{entry.key}: {error.what}"
    return ""
