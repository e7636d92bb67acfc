"""Environments of processes that stand; see :class:`seatrial.runtimes.base.Standing`."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from seatrial.composefile.exports import exports
from seatrial.composefile.model import ComposeProject
from seatrial.errors import EnvironmentFailure, Refused, SeatrialError, UsageError
from seatrial.host.state import Folders
from seatrial.host.worktree import identify
from seatrial.model.environment import Endpoint, EnvironmentRequest, LogLine, ServiceState
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.notices import Notices
from seatrial.runtimes.process.providers.registry import all_providers
from seatrial.runtimes.process.standing import record as records
from seatrial.runtimes.process.standing.data import choose, forget
from seatrial.runtimes.process.standing.down import remove
from seatrial.runtimes.process.standing.logs import follow, merged
from seatrial.runtimes.process.standing.record import Record
from seatrial.runtimes.process.standing.state import Inspector, endpoints
from seatrial.runtimes.process.standing.up import Up


class ProcessStanding:
    """One environment, found again by its record in the worktree.

    ``providers`` are as for ``ProcessRuntime``. Calls that change it must not overlap: whoever
    makes them holds a lock.
    """

    name = "process"

    def __init__(
        self,
        request: EnvironmentRequest,
        context: RunContext,
        folders: Folders,
        providers: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._request = request
        self._context = context
        self._folders = folders
        self._providers = all_providers(providers or {})
        self._worktree = identify(request.root, folders.state)
        self._path = self._worktree.folder / "up" / f"{request.key}.processes.json"
        self._kept = choose(self._worktree, folders.state, request.key)

    async def up(
        self, services: Sequence[str] = (), *, build: bool = True, pinned: bool = False
    ) -> None:
        """Start what does not run; see the seam. Raises ``Refused`` for images that are ``pinned``.

        Packages are installed where lock files changed, whether or not there is something to
        ``build``: a process has no image that could be older than its sources.
        """
        del build
        if pinned:
            raise Refused("processes have no images to pin", mend="use --runtime docker")
        project = self._project()
        _check_known(project, services)
        notices = Notices(self._context.emit, self._context.clock)
        record = self._record() or Record.fresh(self._context, self._folders, self._kept)
        up = Up(self._request, self._context, self._folders, self._providers, notices, record)
        await up.run(project, services, self._path)

    async def down(self, *, volumes: bool = False) -> None:
        """End everything; see the seam. Needs no compose file but to spare external volumes."""
        record = self._record()
        if record is not None:
            record.worker = records.me()
            records.write(self._path, record)
            await remove(record, self._folders)
            self._path.unlink(missing_ok=True)
        if volumes:
            for name in await self.volumes():
                shutil.rmtree(self._kept / name, ignore_errors=True)
            forget(self._kept)

    async def volumes(self) -> tuple[str, ...]:
        """Return the folders of named volumes that are there, external ones left out."""
        there = sorted(path.name for path in self._kept.iterdir()) if self._kept.is_dir() else ()
        return tuple(name for name in there if name not in self._external())

    async def states(self) -> tuple[ServiceState, ...]:
        """Return each service; a health check is run once, now."""
        project, record = self._project(), self._record()
        if record is None:
            record = Record(Path(), Path(), self._kept)
        return await self._inspector(record).states(project)

    def logs(
        self,
        services: Sequence[str] = (),
        *,
        follow: bool = False,
        tail: int | None = None,
        since: float | None = None,
    ) -> AsyncGenerator[LogLine, None]:
        """Yield lines; see the seam.

        A service's log file says nothing about times: an old line has the time at which its
        service was started, a line that is followed that at which it was read.
        """
        return self._logs(tuple(services), follow, tail, since)

    async def exec(self, service: str, argv: Sequence[str]) -> int:
        """Run ``argv`` in the service's folder with its variables; see the seam.

        ``localhost`` and the names of siblings in it mean what they mean in a container.
        """
        project, record = self._project(), self._record()
        _check_known(project, [service])
        started = record.services.get(service) if record is not None else None
        if record is None or started is None or not started.alive:
            raise EnvironmentFailure(
                f"service {service} does not run", mend=f"seatrial up {self._request.key}"
            )
        inspector = self._inspector(record)
        plans = inspector.plans(project)
        environment = inspector.environment(plans, started)
        words = inspector.translated(plans.values(), service, argv)
        cwd = Path(started.cwd)
        return await self._context.processes.attached(words, cwd=cwd, env=environment)

    async def variables(self) -> Mapping[str, str]:
        """Return where services are reached; empty where nothing stands."""
        record = self._record()
        if record is None:
            return {}
        project = self._project()
        found: list[Endpoint] = []
        for service in project.services.values():
            if service.name in record.services:
                found.extend(endpoints(service, record))
        prefix = self._request.key.upper().replace("-", "_")
        return exports(project, found, instance=self._request.instance, prefix=prefix)

    async def _logs(
        self, services: tuple[str, ...], on: bool, tail: int | None, since: float | None
    ) -> AsyncGenerator[LogLine, None]:
        if services:
            _check_known(self._project(), services)
        record = self._record()
        if record is None:
            return
        offsets: dict[str, int] = {}
        for line in merged(record, services, tail, since, offsets):
            yield line
        if on:
            news = follow(self._path, services, offsets, self._context.clock)
            async with contextlib.aclosing(news):
                async for line in news:
                    yield line

    def _project(self) -> ComposeProject:
        return self._context.files.read(self._request.files, self._request.variables)

    def _record(self) -> Record | None:
        return records.read(self._path)

    def _inspector(self, record: Record) -> Inspector:
        return Inspector(self._request, self._context, self._providers, record)

    def _external(self) -> frozenset[str]:
        try:
            project = self._project()
        except SeatrialError:
            # Whoever wants to be rid of an environment need not mend its file first.
            return frozenset()
        return frozenset(name for name, volume in project.volumes.items() if volume.external)


def _check_known(project: ComposeProject, services: Sequence[str]) -> None:
    for name in services:
        if name not in project.services:
            raise UsageError(
                f"no service {name!r} in {project.folder}",
                mend=f"its services are: {', '.join(project.services)}",
            )
