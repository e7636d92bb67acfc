"""Brings one environment up.

::

    images built ─────────────► create what runs them ─┐
    create all else ───────────────────────────────────┴► start each service as soon as the events
                                                          say that its dependencies are ready

``docker compose up`` would poll dependencies every 500 ms; here nothing is polled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.errors import EnvironmentFailure
from seatrial.events import ServiceReady
from seatrial.host.processes import Completed
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker import evidence, override, waves
from seatrial.runtimes.docker.cli import Docker, failure
from seatrial.runtimes.docker.containers import Container, container
from seatrial.runtimes.docker.engine import Engine
from seatrial.runtimes.docker.images import Images, image_users
from seatrial.runtimes.docker.readiness import Unready, Waiting, trouble, until_ready
from seatrial.runtimes.docker.watch import State, Watch
from seatrial.runtimes.docker.yamltext import text

# Seconds that a creation gets to end by itself when the boot is cancelled.
_CREATION = 3.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What serves all boots of a run."""

    context: RunContext
    docker: Docker
    engine: Engine
    watch: Watch
    images: Images


@dataclass(slots=True)
class _Standing:
    """How far one service is; each event is set once."""

    created: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    states: list[State] = field(default_factory=list)
    checked: bool = False


class Boot:
    """One attempt to bring up one environment."""

    def __init__(self, tools: Tools, request: EnvironmentRequest, project: ComposeProject) -> None:
        self._tools = tools
        self._request = request
        self._project = project
        self._standing = {name: _Standing() for name in project.services}
        self._one_shots = waves.must_end(project)
        self._waiting: dict[str, Waiting] = {}
        self._plan = override.Override({}, {})
        self._all_created = asyncio.Event()
        self._began = 0.0

    async def run(self) -> list[Container]:
        """Return the containers once all services are ready.

        Raises ``EnvironmentFailure`` with evidence, ``DeadlinePassed`` where it takes too long.
        """
        self._began = self._tools.context.clock.at()
        try:
            async with asyncio.timeout(None) as deadline:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._create())
                    group.create_task(self._deadline_from_creation(deadline))
                    for service in self._project.services.values():
                        group.create_task(self._serve(service))
        except TimeoutError:
            raise await self._too_late() from None
        except BaseExceptionGroup as group:
            raise await self._first(group) from None
        return await self._still_fine()

    async def _create(self) -> None:
        """Create all containers: those that run no image built for this run first."""
        built = image_users(self._project)
        early = waves.early(self._project, built)
        late = tuple(name for name in self._project.services if name not in early)
        async with asyncio.TaskGroup() as group:
            images = group.create_task(self._tools.images.of(self._project, self._request))
            if early:
                # Without the ids yet: Compose is told to look at no other service.
                await self._create_services(early, {})
        if late:
            await self._create_services(late, images.result())
        self._all_created.set()

    async def _create_services(self, names: Sequence[str], images: Mapping[str, str]) -> None:
        engine = self._tools.engine
        self._plan = override.plan(
            self._project,
            self._request,
            images,
            start_interval=engine.has_start_interval,
        )
        done = await _let_end(self._compose("up", "--no-start", "--no-deps", "--no-build", *names))
        if not done.ok:
            where = self._project.services[names[0]].where if len(names) == 1 else None
            error = failure(f"Compose could not create {', '.join(names)}", done)
            raise EnvironmentFailure(error.what, where=where, detail=error.detail)
        for name in names:
            standing = self._standing[name]
            replicas = self._project.services[name].replicas
            standing.states = await self._tools.watch.created(self._request.project, name, replicas)
            standing.created.set()

    async def _deadline_from_creation(self, deadline: asyncio.Timeout) -> None:
        """Let the boot's time run from here: a build or a pull has as long as it takes."""
        await self._all_created.wait()
        loop = asyncio.get_running_loop()
        deadline.reschedule(loop.time() + self._request.boot_timeout)

    async def _serve(self, service: ComposeService) -> None:
        """Take one service from created to ready."""
        standing = self._standing[service.name]
        await asyncio.gather(standing.created.wait(), self._dependencies(service))
        await self._start(service, standing)
        standing.started.set()
        facts = await self._tools.docker.inspected("container", [s.id for s in standing.states])
        found = {one.id: one for one in map(container, facts)}
        waits = [
            Waiting(
                service,
                state,
                found[state.id],
                must_end=service.name in self._one_shots,
                patience=self._plan.patience.get(service.name),
            )
            for state in standing.states
            if state.id in found
        ]
        standing.checked = any(one.container.test for one in waits)
        if waits:
            self._waiting[service.name] = waits[0]
        tools = self._tools
        await asyncio.gather(*(until_ready(tools.watch, tools.engine, one) for one in waits))
        self._waiting.pop(service.name, None)
        standing.ready.set()
        now = tools.context.clock.at()
        key = self._request.key
        tools.context.emit(ServiceReady(now, key, service.name, now - self._began))

    async def _start(self, service: ComposeService, standing: _Standing) -> None:
        if waves.needs_compose(self._project, service):
            words = ("up", "-d", "--no-deps", "--no-recreate", "--no-build", service.name)
            done = await self._compose(*words)
            ok, said = done.ok, failure("", done).detail
        else:
            ask = self._tools.docker.api.ask
            asked = (ask("POST", f"/containers/{one.id}/start") for one in standing.states)
            answers = await asyncio.gather(*asked)
            ok, said = all(one.ok for one in answers), tuple(a.said for a in answers if not a.ok)
        if not ok:
            raise EnvironmentFailure(
                f"service {service.name} could not be started",
                where=service.where,
                mend="see what the engine says below",
                detail=said,
            )

    async def _dependencies(self, service: ComposeService) -> None:
        for dependency in service.depends_on.values():
            other = self._standing.get(dependency.service)
            if other is None:
                # Optional and not enabled by a profile; the loader refuses the rest.
                continue
            if dependency.condition == "service_started":
                await other.started.wait()
                continue
            await other.ready.wait()
            if dependency.condition == "service_healthy" and not other.checked:
                raise EnvironmentFailure(
                    f"service {service.name} waits for {dependency.service} to be healthy, which"
                    " has no health check",
                    where=service.keys.get("depends_on", service.where),
                    mend=f"give {dependency.service} a healthcheck:, or wait for service_started",
                )

    async def _still_fine(self) -> list[Container]:
        """Look at all containers once more, for their ports and for one that died meanwhile."""
        ids = [state.id for one in self._standing.values() for state in one.states]
        found = [container(one) for one in await self._tools.docker.inspected("container", ids)]
        ended = {one.id: one.exit_code for one in found if one.status in ("exited", "dead")}
        for name, standing in self._standing.items():
            service = self._project.services[name]
            for state in standing.states:
                if state.code is None:
                    # The event of its end may still be under way.
                    state.code = ended.get(state.id)
                said = trouble(service, state)
                if said:
                    unready = Unready(service, state, said)
                    raise await evidence.failed(self._tools.docker, unready)
        return found

    async def _compose(self, *words: str) -> Completed:
        return await self._tools.docker.compose(
            self._request, self._request.project, text(self._plan.document), *words
        )

    async def _first(self, group: BaseExceptionGroup[BaseException]) -> BaseException:
        """Return the error to raise for a failed group, with evidence where a service failed."""
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, Unready):
            return await evidence.failed(self._tools.docker, error)
        return error

    async def _too_late(self) -> BaseException:
        unstarted = [n for n, one in self._standing.items() if not one.started.is_set()]
        return await evidence.too_late(
            self._tools.docker,
            self._request.key,
            self._request.boot_timeout,
            self._waiting.values(),
            unstarted,
        )


async def _let_end(creation: Coroutine[Any, Any, Completed]) -> Completed:
    """Await ``creation``; cancelled, let it end first, unless it takes long (a pull).

    The engine goes on with what a killed client had asked for: a container that appears after
    everything was removed would stay.
    """
    task = asyncio.ensure_future(creation)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=_CREATION)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
