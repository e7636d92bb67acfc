"""Compose files as local processes; see :class:`seatrial.runtimes.base.Runtime`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial import events
from seatrial.composefile.exports import exports
from seatrial.composefile.model import ComposeProject
from seatrial.host.state import Folders
from seatrial.model.environment import Endpoint, EnvironmentRequest, ServiceDetail
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process import rooms
from seatrial.runtimes.process.absent import without_absent
from seatrial.runtimes.process.boot import Boot
from seatrial.runtimes.process.describe import describe
from seatrial.runtimes.process.environment import ProcessEnvironment, remove
from seatrial.runtimes.process.isolation.base import Isolation, Site
from seatrial.runtimes.process.isolation.translate import Translate
from seatrial.runtimes.process.notices import Notices
from seatrial.runtimes.process.plan import ServicePlan
from seatrial.runtimes.process.planner import plan
from seatrial.runtimes.process.providers.registry import all_providers


class ProcessRuntime:
    """Serves one run.

    ``providers`` maps globs over images to command templates (``[process.providers]``); they are
    asked before the built-in ones. ``isolation`` is *translate* unless given.
    """

    name = "process"

    def __init__(
        self,
        context: RunContext,
        folders: Folders,
        providers: Mapping[str, Sequence[str]] | None = None,
        *,
        isolation: Isolation | None = None,
    ) -> None:
        self._context = context
        self._folders = folders
        self._providers = all_providers(providers or {})
        self._isolation = isolation or Translate(
            folders.state / "blocks", int.from_bytes(os.urandom(2), "big")
        )
        self._notices = Notices(context.emit, context.clock)

    def describe(self, request: EnvironmentRequest) -> Sequence[ServiceDetail]:
        """Return how each service would be started, its addresses still open."""
        return describe(request, self._providers, self._isolation)

    async def boot(self, request: EnvironmentRequest) -> ProcessEnvironment:
        """Start all services and wait until they are ready; see the seam."""
        clock, emit = self._context.clock, self._context.emit
        began = clock.at()
        own = rooms.choose(self._temporary(), self._folders.runtime)
        project, plans = self._planned(request, own.scratch)
        plans = self._present(request, plans)
        self._notices.project(project)
        if not own.in_memory:
            self._notices.say(events.Notice.DATA_ON_DISK, str(own.data.parent), str(rooms.MEMORY))
        names = tuple(one.name for one in plans)
        emit(events.PhaseStarted(began, events.Phase.BOOT, request.key, request.key, names))
        ok = False
        try:
            environment = await self._booted(request, project, plans, own)
            ok = True
        finally:
            now = clock.at()
            emit(
                events.PhaseFinished(
                    now, events.Phase.BOOT, request.key, now - began, request.key, ok
                )
            )
        emit(events.EnvironmentReady(now, request.key, now - began, environment.endpoints))
        return environment

    async def close(self) -> None:
        """Nothing serves the whole run."""

    def _temporary(self) -> Path:
        return Path(self._context.processes.environment.get("TMPDIR") or "/tmp")

    def _present(
        self, request: EnvironmentRequest, plans: Sequence[ServicePlan]
    ) -> tuple[ServicePlan, ...]:
        """Return what can run here, and say what cannot: tests that do not need it still run."""
        found = self._context.processes.find
        kept, lacking = without_absent(plans, lambda program: found(program) is not None)
        for name, language in lacking.items():
            notice = events.Notice.SERVICE_LEFT_OUT
            self._notices.say(notice, f"{request.key}: {name}", language)
        return kept

    def _planned(
        self, request: EnvironmentRequest, scratch: Path
    ) -> tuple[ComposeProject, tuple[ServicePlan, ...]]:
        project = self._context.files.read(request.files, request.variables)
        return project, plan(project, self._providers, request.variables, scratch)

    async def _booted(
        self,
        request: EnvironmentRequest,
        project: ComposeProject,
        plans: Sequence[ServicePlan],
        own: rooms.Rooms,
    ) -> ProcessEnvironment:
        site = self._isolation.open([one.wanted for one in plans])
        boot = Boot(request, plans, site, own, self._folders.cache, self._context, self._notices)
        try:
            for folder in (own.data, own.scratch):
                self._context.ledger.folder(folder, request.key)
            own.make()
            await boot.run()
            endpoints = _endpoints(plans, site)
            variables = exports(
                project,
                endpoints,
                instance=request.instance,
                subject=request.subject,
                extra=request.exports,
            )
            children = [s.child for s in boot.services.values() if s.child is not None]
            site.holds(child.pid for child in children)
            for child in children:
                # While it booted it gave way to the tests of earlier stages; now it serves some.
                child.take_priority()
        except BaseException:
            await remove(boot.services.values(), site, own, self._context)
            raise
        return ProcessEnvironment(
            request, boot.services.values(), site, own, self._context, endpoints, variables
        )


def _endpoints(plans: Sequence[ServicePlan], site: Site) -> tuple[Endpoint, ...]:
    found = []
    for one in plans:
        address = site.addresses[one.name]
        for port in one.published:
            used = address.port(port.target)
            found.append(Endpoint(one.name, port.target, address.host, used))
    return tuple(dict.fromkeys(found))
