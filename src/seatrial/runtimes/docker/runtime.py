"""The Docker runtime: ``docker`` CLI and Compose, one event stream and one set of images a run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from typing import Any

from seatrial.composefile.exports import exports
from seatrial.composefile.model import ComposeProject
from seatrial.errors import SeatrialError
from seatrial.events import (
    EnvironmentReady,
    Notice,
    Noticed,
    Phase,
    PhaseFinished,
    PhaseStarted,
)
from seatrial.model.environment import EnvironmentRequest, ServiceDetail
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker import leftovers, waves
from seatrial.runtimes.docker.boot import Boot, Tools
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.containers import Container, endpoints
from seatrial.runtimes.docker.describe import describe
from seatrial.runtimes.docker.engine import Engine, overlay
from seatrial.runtimes.docker.environment import DockerEnvironment
from seatrial.runtimes.docker.images import Images
from seatrial.runtimes.docker.watch import Watch


class DockerRuntime:
    """Brings environments up on ``engine``. One instance serves one run."""

    name = "docker"

    def __init__(self, context: RunContext, engine: Engine) -> None:
        docker = Docker(context.processes, overlay(engine.word))
        self._tools = Tools(
            context, docker, engine, Watch(docker, context.run), Images(docker, context)
        )
        self._slow_told = False

    def describe(self, request: EnvironmentRequest) -> Sequence[ServiceDetail]:
        """Return how each service would be started. Starts and asks nothing."""
        return describe(request, self._tools.engine)

    async def boot(self, request: EnvironmentRequest) -> DockerEnvironment:
        """Build what is missing, start all services, wait until they are ready."""
        project = self._tools.context.files.read(request.files, request.variables)
        waves.refuse_impossible(project)
        context, clock = self._tools.context, self._tools.context.clock
        began = clock.at()
        names = tuple(project.services)
        context.emit(PhaseStarted(began, Phase.BOOT, request.key, request.key, names))
        self._tell_slow(request)
        ok = False
        try:
            environment = await self._up(request, project)
            ok = True
        finally:
            now = clock.at()
            context.emit(PhaseFinished(now, Phase.BOOT, request.key, now - began, request.key, ok))
        context.emit(EnvironmentReady(now, request.key, now - began, environment.endpoints))
        return environment

    async def close(self) -> None:
        """End the event stream; let go of images that this run's builds replaced."""
        await self._tools.watch.close()
        await self._tools.images.close()

    async def _up(self, request: EnvironmentRequest, project: ComposeProject) -> DockerEnvironment:
        tools = self._tools
        await tools.watch.start()
        tools.context.ledger.engine(request.project, tools.engine.word)
        try:
            containers = await Boot(tools, request, project).run()
            return self._environment(request, project, containers)
        except BaseException:
            await _to_the_end(self._abandon(request))
            raise

    def _environment(
        self, request: EnvironmentRequest, project: ComposeProject, containers: list[Container]
    ) -> DockerEnvironment:
        tools = self._tools
        found = endpoints(containers, tools.engine.reach)
        return DockerEnvironment(
            request=request,
            endpoints=found,
            exports=exports(
                project,
                found,
                instance=request.instance,
                subject=request.subject,
                extra=request.exports,
            ),
            containers=tuple(containers),
            docker=tools.docker,
            ledger=tools.context.ledger,
            gone=lambda: tools.watch.forget(request.project),
        )

    async def _abandon(self, request: EnvironmentRequest) -> None:
        """Remove a boot that failed. The failure itself is what the user is told."""
        try:
            await leftovers.remove(self._tools.docker, request.project, request.run)
        except SeatrialError as error:
            at = self._tools.context.clock.at()
            self._tools.context.emit(Noticed(at, Notice.REMOVAL_FAILED, request.key, error.what))
        else:
            self._tools.context.ledger.done("engine", request.project)
        self._tools.watch.forget(request.project)

    def _tell_slow(self, request: EnvironmentRequest) -> None:
        engine = self._tools.engine
        if not engine.has_start_interval and not self._slow_told:
            self._slow_told = True
            at = self._tools.context.clock.at()
            self._tools.context.emit(
                Noticed(at, Notice.NO_START_INTERVAL, request.key, engine.version)
            )


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for ``work`` whatever cancels the waiting; the caller raises its own error then."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)
