"""Brings the services of one environment up, each as early as what it depends on allows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seatrial import events
from seatrial.errors import DeadlinePassed, RuntimeMissing, SeatrialError
from seatrial.host.processes import Child
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process import failures
from seatrial.runtimes.process.assemble import assemble
from seatrial.runtimes.process.builds import Builds, packages
from seatrial.runtimes.process.health import Unhealthy
from seatrial.runtimes.process.isolation.base import Dressed, Site
from seatrial.runtimes.process.logs import ServiceLog
from seatrial.runtimes.process.notices import Notices
from seatrial.runtimes.process.plan import Probe, ServicePlan
from seatrial.runtimes.process.providers.base import Place
from seatrial.runtimes.process.rooms import Rooms
from seatrial.runtimes.process.service import Command, Exited, RunningService
from seatrial.runtimes.process.surroundings import hidden, path_of, private, stand_ins

_RESTARTS = 5
_FIRST_PAUSE = 0.1


@dataclass(slots=True)
class _State:
    """What others may wait for."""

    started: asyncio.Event = field(default_factory=asyncio.Event)
    healthy: asyncio.Event = field(default_factory=asyncio.Event)
    completed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def all_reached(cls) -> _State:
        """Return the state of a service that nobody has to wait for."""
        state = cls()
        for event in (state.started, state.healthy, state.completed):
            event.set()
        return state

    def reached(self, condition: str) -> asyncio.Event:
        """Return the event for one of Compose's three words."""
        return {
            "service_healthy": self.healthy,
            "service_completed_successfully": self.completed,
        }.get(condition, self.started)


class Boot:
    """One boot. ``services`` fills while it goes on, so that a clean-up knows what there is.

    The services named in ``ready`` are up already. ``codes`` is a folder where the exit codes of
    services go that outlive this program.
    """

    def __init__(
        self,
        request: EnvironmentRequest,
        plans: Sequence[ServicePlan],
        site: Site,
        rooms: Rooms,
        cache: Path,
        context: RunContext,
        notices: Notices,
        *,
        ready: Collection[str] = (),
        codes: Path | None = None,
    ) -> None:
        self._request = request
        self._plans = {plan.name: plan for plan in plans}
        self._site = site
        self._rooms = rooms
        self._cache = cache
        self._context = context
        self._notices = notices
        self._states = {name: _State() for name in self._plans}
        self._codes = codes
        for name in ready:
            self._plans.pop(name, None)
            self._states[name] = _State.all_reached()
        self._began = context.clock.at()
        self._watchers: list[asyncio.Task[None]] = []
        self._clients: tuple[Path, ...] = ()
        self.services: dict[str, RunningService] = {}

    async def run(self) -> None:
        """Start all and wait until all are ready, their one-shots done.

        Raises ``EnvironmentFailure``, ``DeadlinePassed``, ``ConfigError``; may leave processes,
        which the caller ends.
        """
        servers = [plan.server for plan in self._plans.values() if plan.server is not None]
        folders = [folder for server in servers for folder in server.clients()]
        own = stand_ins(self._rooms.scratch / "bin", self._context.processes.find)
        self._clients = (own, *dict.fromkeys(folders))
        try:
            async with asyncio.timeout(self._request.boot_timeout):
                await self._all()
        except TimeoutError:
            raise self._late() from None
        except BaseExceptionGroup as group:
            raise _first(group) from None

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            prepared = {
                name: group.create_task(self._command(plan)) for name, plan in self._plans.items()
            }
            tasks = [
                group.create_task(self._serve(plan, prepared[name], group))
                for name, plan in self._plans.items()
            ]
            await asyncio.wait(tasks)
            for watcher in self._watchers:
                watcher.cancel()

    async def _serve(
        self, plan: ServicePlan, prepared: asyncio.Task[Command], group: asyncio.TaskGroup
    ) -> None:
        for dependency in plan.depends_on.values():
            if dependency.service in self._states:
                await self._states[dependency.service].reached(dependency.condition).wait()
        command = await prepared
        service = RunningService(
            plan,
            self._site.addresses[plan.name],
            ServiceLog(plan.name, self._rooms.log(plan.name)),
            self._context.processes,
            self._codes,
        )
        self.services[plan.name] = service
        try:
            await self._until_up(service, command)
        except Exited as error:
            raise failures.exited(service, error.code, self.services.values()) from None
        except Unhealthy as error:
            raise failures.unhealthy(service, error) from None
        service.ready = True
        state, child = self._states[plan.name], service.child
        state.started.set()
        state.healthy.set()
        if child is not None and child.returncode is None:
            self._watchers.append(group.create_task(self._watch(service, child)))
        else:
            state.completed.set()
        now = self._context.clock.at()
        self._context.emit(
            events.ServiceReady(now, self._request.key, plan.name, now - self._began)
        )

    async def _until_up(self, service: RunningService, command: Command) -> None:
        """Start until it is up, again where ``restart:`` says so; an end with 0 is an end."""
        pause = _FIRST_PAUSE
        for attempt in range(_RESTARTS + 1):
            await self._start(service, command)
            try:
                if service.plan.one_shot:
                    await service.until_ended()
                else:
                    await service.until_ready(command)
                return
            except Exited as error:
                if error.code == 0 and not service.plan.awaited and command.probe is None:
                    return
                if not service.plan.restarts or attempt == _RESTARTS:
                    raise
            await service.end()
            await asyncio.sleep(pause)
            pause *= 2

    @staticmethod
    async def _start(service: RunningService, command: Command) -> None:
        try:
            await service.start(command)
        except RuntimeMissing as error:
            plan = service.plan
            raise RuntimeMissing(
                f"service {plan.name}: {error.what}",
                where=error.where or plan.where,
                mend=f"{error.mend}, or use --runtime docker",
                detail=tuple(change for change in plan.changes if change.startswith("RUN")),
            ) from None

    async def _watch(self, service: RunningService, child: Child) -> None:
        """Fail the boot where a service that was ready breaks before the others are."""
        code = await child.exited()
        if code != 0:
            raise failures.exited(service, code, self.services.values())
        self._states[service.plan.name].completed.set()

    async def _command(self, plan: ServicePlan) -> Command:
        """Prepare a service: install its toolchain, or make its server's data."""
        dressed = plan.dressed(self._site)
        address = self._site.addresses[plan.name]
        stuck = [port for port in dressed.unmoved if port in plan.awaited]
        if stuck and plan.server is None:
            raise failures.stuck(plan, stuck[0], address)
        self._notices.moved(plan.name, address, plan.awaited)
        for fresh in plan.folders:
            fresh.mkdir(parents=True, exist_ok=True)
        for granted, text in plan.files:
            _write_private(granted, text)
        outside = self._context.processes.environment
        folder, token = self._rooms.scratch / plan.name, self._rooms.data.name
        base = {**hidden(outside), **private(folder, token, address.host)}
        if plan.server is not None:
            return await self._server_command(plan, base, dressed)
        assert plan.toolchain is not None
        toolchain = await self._context.toolchains.ready(plan.toolchain)
        builds = Builds(self._cache / "builds", self._context, self._request.key)
        for needed in plan.builds:
            await builds.bring(needed, plan.name, self._clients)
        path = toolchain.env.get("PATH") or outside.get("PATH")
        env = {
            **base,
            **toolchain.env,
            **packages(plan.builds, plan.layout.nearest, toolchain),
            **dressed.env,
            "PATH": path_of(path, *self._clients),
        }
        checked = {**env, "PATH": path_of(self._clients[0], path, *self._clients[1:])}
        cwd = assemble(plan.layout, folder / "root")
        probe = replace(plan.probe, argv=dressed.probe) if plan.probe else None
        return Command(dressed.argv, cwd, toolchain.searched(env), probe, checked)

    async def _server_command(
        self, plan: ServicePlan, base: Mapping[str, str | None], dressed: Dressed
    ) -> Command:
        assert plan.server is not None
        outside = self._context.processes.environment
        place = Place(
            address=self._site.addresses[plan.name],
            data=plan.data or self._rooms.data / plan.name,
            cache=self._cache,
            env=base,
            variables=dressed.env,
            processes=self._context.processes,
            notice=self._notices.say,
            sockets=self._rooms.data / plan.name,
            durable=plan.data is not None,
        )
        launch = await plan.server.launch(place)
        path = path_of(*self._clients, outside.get("PATH"))
        checked = {
            **base,
            **dressed.env,
            **plan.server.client_env(place.address, place.sockets),
            "PATH": path,
        }
        probe = replace(plan.probe, argv=dressed.probe) if plan.probe else None
        if probe is None and launch.ready:
            probe = Probe(launch.ready, plan.where)
        return Command(launch.argv, launch.cwd, {**base, **launch.env}, probe, checked, launch.user)

    def _late(self) -> SeatrialError:
        waiting = [name for name, state in self._states.items() if not state.started.is_set()]
        shown = [self.services[name] for name in waiting if name in self.services]
        return DeadlinePassed(
            f"{self._request.key} was not up within {self._request.boot_timeout:g} s, "
            f"waiting for {', '.join(waiting) or 'nothing'}",
            where=shown[0].plan.where if shown else None,
            mend="see what they last said below, or allow more with boot-timeout in seatrial.toml",
            detail=tuple(line for service in shown for line in failures.late(service)),
        )


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that ended the others: one of ours before anything else."""
    flat = [
        _first(error) if isinstance(error, BaseExceptionGroup) else error
        for error in group.exceptions
    ]
    return next((error for error in flat if isinstance(error, SeatrialError)), flat[0])


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "w") as stream:
        stream.write(text)
