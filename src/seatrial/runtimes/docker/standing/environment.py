"""Standing environments on a Docker engine; see :class:`seatrial.runtimes.base.Standing`.

Compose does the starting and ending, from the files as they are; only labels are added to the
containers, the same ones at each call, so that nothing is replaced without need.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace

from seatrial.composefile.exports import exports
from seatrial.composefile.lenient import Read, load_leniently
from seatrial.composefile.model import ComposeProject
from seatrial.errors import EnvironmentFailure, UsageError
from seatrial.events import (
    EnvironmentReady,
    Notice,
    Noticed,
    Phase,
    PhaseFinished,
    PhaseStarted,
    ServiceReady,
)
from seatrial.host.processes import Completed, Overlay
from seatrial.host.system import on_terminal
from seatrial.model.environment import EnvironmentRequest, LogLine, ServiceState
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker import evidence, waves
from seatrial.runtimes.docker.cli import Docker, failure
from seatrial.runtimes.docker.containers import endpoints
from seatrial.runtimes.docker.engine import Engine, overlay
from seatrial.runtimes.docker.images import not_built
from seatrial.runtimes.docker.readiness import Unready
from seatrial.runtimes.docker.standing import needs, ports
from seatrial.runtimes.docker.standing.digests import pinned as by_digest
from seatrial.runtimes.docker.standing.logs import Logs
from seatrial.runtimes.docker.standing.look import Changes, Look, Stood, ended_well, states
from seatrial.runtimes.docker.standing.ready import NotStarted, Readiness, blamed
from seatrial.runtimes.docker.yamltext import RESET, text

# Compose takes this one and `--remove-orphans` for a contradiction.
_ORPHANS: Overlay = {"COMPOSE_IGNORE_ORPHANS": None}
_NO_IMAGES: Mapping[str, str] = {}
_BUILD_LINES = 30


class DockerStanding:
    """One environment on ``engine``."""

    name = "docker"

    def __init__(self, request: EnvironmentRequest, context: RunContext, engine: Engine) -> None:
        self._request = request
        self._context = context
        self._engine = engine
        self._docker = Docker(context.processes, overlay(engine.word))
        self._look = Look(self._docker, request)
        self._read: Read = load_leniently(request.files, request.variables)

    @property
    def _project(self) -> ComposeProject:
        return self._read.project

    async def up(
        self, services: Sequence[str] = (), *, build: bool = True, pinned: bool = False
    ) -> None:
        """Start ``services`` and what they need; wait until they are ready."""
        self._must_know(services)
        waves.refuse_impossible(self._project)
        wanted = needs.closure(self._project, services)
        found = await self._look.all()
        self._look.refuse_foreign(found)
        await needs.check(self._docker, self._request, self._read, wanted)
        if self._engine.reach == "localhost":
            await ports.check(self._docker, self._request, self._project, wanted, found)
        images = await self._pinned(wanted) if pinned else _NO_IMAGES
        if build and not pinned:
            await self._build(wanted)
        await self._start(services, wanted, images)

    async def down(self, *, volumes: bool = False) -> None:
        """End and remove all; with ``volumes`` the data, too, external volumes excepted."""
        self._look.refuse_foreign(await self._look.all())
        words = ["down", "--remove-orphans", *(["--volumes"] if volumes else [])]
        began = self._tell_start(Phase.REMOVE)
        done = await self._compose(_NO_IMAGES, *words)
        self._tell_end(Phase.REMOVE, began, ok=done.ok)
        if not done.ok:
            raise failure(f"{self._request.key} could not be taken down", done)

    async def volumes(self) -> tuple[str, ...]:
        """Return the named volumes that are there and that ``down(volumes=True)`` deletes."""
        declared = [
            one.name or f"{self._request.project}_{one.key}"
            for one in self._project.volumes.values()
            if not one.external
        ]
        there = await self._docker.inspected("volume", declared)
        return tuple(sorted(str(one.get("Name")) for one in there))

    async def states(self) -> tuple[ServiceState, ...]:
        """Return each service of the files, and what else is there of the environment."""
        return states(await self._look.own(), self._project, self._engine.reach)

    async def logs(
        self,
        services: Sequence[str] = (),
        *,
        follow: bool = False,
        tail: int | None = None,
        since: float | None = None,
    ) -> AsyncGenerator[LogLine, None]:
        """Yield the lines of ``services``, merged by their time."""
        one_shots = waves.must_end(self._project)
        logs = Logs(
            self._docker,
            self._look,
            services,
            lambda one: ended_well(one, self._project, one_shots),
        )
        for line in await logs.past(tail, since):
            yield line
        if follow:
            async for line in logs.follow(self._request.project):
                yield line

    async def exec(self, service: str, argv: Sequence[str]) -> int:
        """Run ``argv`` in the first running container of ``service``, on our own terminal."""
        self._must_know([service])
        found = await self._look.own()
        mine = (one.container for one in found if one.container.service == service)
        container = next((one for one in mine if one.status == "running"), None)
        if container is None:
            raise EnvironmentFailure(
                f"service {service} of {self._request.key} does not run",
                mend=f"seatrial up {self._request.key} {service}",
            )
        terminal = ("--tty",) if on_terminal() else ()
        return await self._context.processes.attached(
            ("docker", "exec", "--interactive", *terminal, container.id, *argv),
            env=self._docker.engine,
        )

    async def variables(self) -> Mapping[str, str]:
        """Return where the services are reached."""
        found = [one.container for one in await self._look.own()]
        return exports(
            self._project,
            endpoints(found, self._engine.reach),
            instance=self._request.instance,
            extra=self._request.exports,
            prefix=self._request.key.upper().replace("-", "_").replace(".", "_"),
        )

    async def _start(
        self, services: Sequence[str], wanted: Sequence[str], images: Mapping[str, str]
    ) -> None:
        began = self._tell_start(Phase.BOOT, wanted)
        key, clock = self._request.key, self._context.clock

        def ready(service: str) -> None:
            now = clock.at()
            self._context.emit(ServiceReady(now, key, service, now - began))

        ok = False
        try:
            async with Changes(self._docker, self._request.project) as changes:
                readiness = Readiness(
                    self._look, self._engine, self._project, wanted, await self._look.own(), ready
                )
                await self._until_ready(readiness, changes, services, wanted, images)
            ok = True
        finally:
            self._tell_end(Phase.BOOT, began, ok=ok)
        found = endpoints((one.container for one in readiness.seen), self._engine.reach)
        now = clock.at()
        self._context.emit(EnvironmentReady(now, key, now - began, found))

    async def _until_ready(
        self,
        readiness: Readiness,
        changes: Changes,
        services: Sequence[str],
        wanted: Sequence[str],
        images: Mapping[str, str],
    ) -> None:
        words = ("up", "--detach", "--remove-orphans", "--no-build", *services)
        starting = asyncio.ensure_future(self._compose(images, *words))
        seconds = self._request.boot_timeout
        try:
            async with asyncio.timeout(None) as deadline:
                await readiness.until_ready(starting, changes, deadline, seconds)
        except TimeoutError:
            waits, unstarted = readiness.waiting()
            raise await evidence.too_late(
                self._docker, self._request.key, seconds, waits, unstarted
            ) from None
        except Unready as error:
            raise await evidence.failed(self._docker, error) from None
        except NotStarted as error:
            raise await self._not_started(error.done, readiness.seen, wanted) from None
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)

    async def _not_started(
        self, done: Completed, seen: Sequence[Stood], wanted: Sequence[str]
    ) -> EnvironmentFailure:
        culprit = blamed(done, seen, self._project, wanted)
        if culprit is not None:
            return await evidence.failed(self._docker, culprit)
        taken = ports.said(done.err, self._project, wanted)
        if taken:
            return await ports.failure(self._docker, self._request, taken)
        return failure(f"Compose could not start {self._request.key}", done)

    async def _pinned(self, wanted: Sequence[str]) -> Mapping[str, str]:
        images = await by_digest(self._docker, self._project, wanted)
        for service, image in images.items():
            at = self._context.clock.at()
            self._context.emit(Noticed(at, Notice.PINNED, service, image))
        return images

    async def _build(self, wanted: Sequence[str]) -> None:
        names = [name for name in wanted if self._project.services[name].build]
        if not names:
            return
        subject = ", ".join(names)
        began = self._tell_start(Phase.BUILD, subject=subject)
        done = await self._compose(_NO_IMAGES, "build", *names)
        self._tell_end(Phase.BUILD, began, ok=done.ok, subject=subject)
        if not done.ok:
            raise not_built(self._project, names, failure("", done, _BUILD_LINES).detail)

    async def _compose(self, images: Mapping[str, str], *words: str) -> Completed:
        # What is missing has a stand-in: ending an environment needs no values.
        request = replace(self._request, variables=self._read.variables)
        document = text({"services": self._override(images)})
        return await self._docker.compose(request, request.project, document, *words, env=_ORPHANS)

    def _override(self, images: Mapping[str, str]) -> dict[str, object]:
        """Return labels for containers alone: another label makes Compose want another volume."""
        services: dict[str, object] = {}
        for name, service in self._project.services.items():
            settings: dict[str, object] = {"labels": dict(self._request.labels)}
            if name in images:
                settings["image"] = images[name]
                if service.build is not None:
                    settings["build"] = RESET
            services[name] = settings
        return services

    def _must_know(self, services: Sequence[str]) -> None:
        unknown = [name for name in services if name not in self._project.services]
        if unknown:
            raise UsageError(
                f"{self._request.key} has no service {unknown[0]!r}",
                mend=f"there are: {', '.join(self._project.services)}",
            )

    def _tell_start(self, phase: Phase, services: Sequence[str] = (), subject: str = "") -> float:
        now, key = self._context.clock.at(), self._request.key
        self._context.emit(PhaseStarted(now, phase, subject or key, key, tuple(services)))
        return now

    def _tell_end(self, phase: Phase, began: float, *, ok: bool, subject: str = "") -> None:
        now, key = self._context.clock.at(), self._request.key
        self._context.emit(PhaseFinished(now, phase, subject or key, now - began, key, ok))
