"""An environment of processes that is up."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Completed
from seatrial.host.system import marked_processes
from seatrial.model.environment import Endpoint, EnvironmentRequest, LogLine
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.isolation.base import Site
from seatrial.runtimes.process.leftovers import release_folder
from seatrial.runtimes.process.rooms import Rooms
from seatrial.runtimes.process.service import RunningService
from seatrial.runtimes.process.surroundings import ENVIRONMENT_VARIABLE

_TRIES = 50
_PAUSE = 0.02


class ProcessEnvironment:
    """All services of one environment; see :class:`seatrial.runtimes.base.Environment`."""

    def __init__(
        self,
        request: EnvironmentRequest,
        services: Iterable[RunningService],
        site: Site,
        rooms: Rooms,
        context: RunContext,
        endpoints: tuple[Endpoint, ...],
        exports: Mapping[str, str],
    ) -> None:
        self.request = request
        self.endpoints = endpoints
        self.exports = exports
        self._services = tuple(services)
        self._site = site
        self._rooms = rooms
        self._context = context

    def mark(self, at: float) -> None:
        """Remember how long each log is now."""
        for service in self._services:
            service.log.mark(at)

    async def logs(self, since: float | None = None, tail: int = 200) -> tuple[LogLine, ...]:
        """Return the newest lines of each service."""
        return tuple(line for s in self._services for line in s.log.lines(since, tail))

    async def ask(self, service: str, argv: Sequence[str], text: str) -> Completed:
        """Run ``argv`` with the variables of ``service``'s health check."""
        (one,) = (one for one in self._services if one.plan.name == service)
        return await self._context.processes.run(argv, env=one.asking, input=text)

    async def remove(self) -> None:
        """End all processes, remove all files, give the addresses back."""
        await remove(self._services, self._site, self._rooms, self._context)

    def keep(self) -> None:
        """Let the processes outlive this run, their block of addresses with them."""
        for service in self._services:
            service.let_go()


async def remove(
    services: Iterable[RunningService], site: Site, rooms: Rooms, context: RunContext
) -> None:
    """Leave nothing of an environment, however far its boot came; may be called twice.

    Raises ``EnvironmentFailure`` where a folder would not go.
    """
    await asyncio.gather(*(service.end() for service in services))
    await _end_stragglers(rooms.data.name)
    release_folder(rooms.data)
    stuck = [folder for folder in (rooms.data, rooms.scratch) if not await _removed(folder)]
    site.close()
    for folder in (rooms.data, rooms.scratch):
        if folder not in stuck:
            context.ledger.done("folder", str(folder))
    if stuck:
        raise EnvironmentFailure(
            f"{stuck[0]} could not be removed", mend="remove it by hand, or run seatrial gc"
        )


async def _end_stragglers(token: str) -> None:
    """Kill what a service started and let go of: it still carries the environment's mark."""
    for _ in range(_TRIES):
        found = marked_processes(f"{ENVIRONMENT_VARIABLE}={token}")
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(_PAUSE)


async def _removed(folder: Path) -> bool:
    # A backend that is still dying may write a last file.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return True
        await asyncio.sleep(_PAUSE)
    return False
