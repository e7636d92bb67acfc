"""The end of an environment that stands: in order, with grace, then without."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from seatrial.errors import EnvironmentFailure
from seatrial.host.state import Folders
from seatrial.host.system import group_members, marked_processes
from seatrial.runtimes.process.isolation import blocks
from seatrial.runtimes.process.leftovers import release_folder
from seatrial.runtimes.process.service import signal_number
from seatrial.runtimes.process.standing.record import Record, Started, variables_of
from seatrial.runtimes.process.surroundings import ENVIRONMENT_VARIABLE

_LOOK = 0.02
_TRIES = 100


async def remove(record: Record, folders: Folders) -> None:
    """Leave nothing of the environment but its kept volumes.

    Raises ``EnvironmentFailure`` where a folder would not go.
    """
    await end(list(record.services.values()))
    await end_strays(record)
    release_folder(record.data)
    release_folder(record.kept)
    for folder in (record.data, record.scratch):
        await _remove(folder)
    if record.block and (block := blocks.reopen(folders.state / "blocks", record.block, {})):
        block.close()


async def end(services: Sequence[Started]) -> None:
    """End ``services``, each once all of them that need it are gone."""
    gone = {one.service: asyncio.Event() for one in services}

    async def one_by_one(one: Started) -> None:
        for other in services:
            if one.service in other.after:
                await gone[other.service].wait()
        await _end(one)
        gone[one.service].set()

    await asyncio.gather(*(one_by_one(one) for one in services))


async def end_strays(record: Record) -> None:
    """Kill what carries the environment's mark and is of no service that runs by the record.

    Whatever session it made for itself, a process has the HOME of its service.
    """
    alive = {one.service for one in record.services.values() if one.alive}
    homes = {str(record.scratch / name / "home") for name in alive}
    for _ in range(_TRIES):
        marked = marked_processes(f"{ENVIRONMENT_VARIABLE}={record.token}")
        strays = [pid for pid in marked if variables_of(pid).get("HOME") not in homes]
        if not strays:
            return
        for pid in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(_LOOK)


async def _end(one: Started) -> None:
    """Ask a service to end, kill it after its grace. A number that is another's is left alone."""
    if not one.alive:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(one.pid, signal_number(one.stop_signal))
    loop = asyncio.get_running_loop()
    until = loop.time() + one.grace
    # Nobody is told of the end of a process that is not one's own child.
    while members := group_members(one.pid):
        if loop.time() >= until:
            for pid in members:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(_LOOK)


async def _remove(folder: Path) -> None:
    # A process that is still dying may write a last file.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        await asyncio.sleep(_LOOK)
    raise EnvironmentFailure(f"{folder} could not be removed", mend="remove it by hand")
