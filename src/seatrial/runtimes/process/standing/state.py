"""What an environment's services do now: asked of the machine, the record and their checks."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.errors import DeadlinePassed, RuntimeMissing
from seatrial.host.processes import Overlay
from seatrial.model.environment import Endpoint, EnvironmentRequest, ServiceState
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.isolation.fixed import LOCALHOST
from seatrial.runtimes.process.isolation.translate import TranslatedSite
from seatrial.runtimes.process.plan import Probe, ServicePlan, one_shots
from seatrial.runtimes.process.planner import plan
from seatrial.runtimes.process.providers.base import Provider
from seatrial.runtimes.process.standing.record import Record, Started, variables_of
from seatrial.runtimes.process.surroundings import path_of

# How long a check may take when somebody waits for a table.
_PATIENCE = 5.0


class Inspector:
    """Looks at one environment."""

    def __init__(
        self,
        request: EnvironmentRequest,
        context: RunContext,
        providers: Sequence[Provider],
        record: Record,
    ) -> None:
        self._request = request
        self._context = context
        self._providers = providers
        self._record = record

    def plans(self, project: ComposeProject) -> dict[str, ServicePlan]:
        """Return the plan of each service, as the files are now."""
        record = self._record
        made = plan(project, self._providers, self._request.variables, record.scratch, record.kept)
        return {one.name: one for one in made}

    async def states(self, project: ComposeProject) -> tuple[ServiceState, ...]:
        """Return the services of the files, then what else runs."""
        plans = self.plans(project) if self._record.living() else {}
        ending = one_shots(project)
        known = [
            self._state(plans, name, endpoints(service, self._record), name in ending)
            for name, service in project.services.items()
        ]
        others = [
            self._state(plans, name, (), one.one_shot)
            for name, one in self._record.services.items()
            if name not in project.services and one.alive
        ]
        return tuple(await asyncio.gather(*known, *others))

    async def _state(
        self,
        plans: Mapping[str, ServicePlan],
        name: str,
        reached: tuple[Endpoint, ...],
        one_shot: bool,
    ) -> ServiceState:
        started = self._record.services.get(name)
        if started is None:
            return ServiceState(name, 1, "missing", one_shot=one_shot)
        if not started.alive:
            code = self._record.code(name)
            return ServiceState(name, 1, "exited", "", code, started.began, (), one_shot)
        health = await self._health(plans, started)
        return ServiceState(name, 1, "running", health, None, started.began, reached, one_shot)

    async def _health(self, plans: Mapping[str, ServicePlan], started: Started) -> str:
        """Return what the service's check says when it is asked once, now."""
        one = plans.get(started.service)
        if one is None or one.probe is None:
            return ""
        probe = replace(one.probe, argv=one.dressed(self._site(plans.values())).probe)
        if await self._passes(probe, plans, started):
            return "healthy"
        age = self._context.clock.wall() - started.began
        return "starting" if age < probe.start_period else "unhealthy"

    async def _passes(
        self, probe: Probe, plans: Mapping[str, ServicePlan], started: Started
    ) -> bool:
        try:
            answer = await self._context.processes.run(
                probe.argv,
                cwd=Path(started.cwd),
                env=self.environment(plans, started),
                timeout=min(probe.timeout, _PATIENCE),
            )
        except (DeadlinePassed, RuntimeMissing):
            return False
        return answer.ok

    def environment(self, plans: Mapping[str, ServicePlan], started: Started) -> Overlay:
        """Return the overlay of variables that programs beside a service see: its own.

        Its clients come first on PATH, as in its image.
        """
        record, outside = self._record, self._context.processes.environment
        own, one = variables_of(started.pid), plans.get(started.service)
        env: dict[str, str | None] = {**dict.fromkeys(outside), **own}
        clients: list[Path] = [record.scratch / "bin"]
        if one is not None and (one.server is not None or not own):
            # A server is started with few of the variables that its image would see, and macOS
            # does not tell what a process was started with.
            env |= one.dressed(self._site(plans.values())).env
        if one is not None and one.server is not None:
            address = record.addresses[one.name]
            env |= one.server.client_env(address, record.data / one.name)
            clients += one.server.clients()
        env["PATH"] = path_of(*clients, own.get("PATH") or outside.get("PATH"))
        return env

    def translated(
        self, plans: Collection[ServicePlan], service: str, argv: Sequence[str]
    ) -> tuple[str, ...]:
        """Return a command that names services as ``service`` would in its container."""
        if service not in (one.name for one in plans):
            return tuple(argv)
        return self._site(plans).dress(service, (), argv, {}).probe

    def _site(self, plans: Iterable[ServicePlan]) -> TranslatedSite:
        addresses = self._record.addresses
        wanted = [one.wanted for one in plans if one.name in addresses]
        return TranslatedSite(wanted, addresses, None)


def endpoints(service: ComposeService, record: Record) -> tuple[Endpoint, ...]:
    """Return where a service's published ports are reached."""
    address = record.addresses.get(service.name)
    if address is None:
        return ()
    # What people read and type, and what the same environment in containers says.
    host = "localhost" if address.host == LOCALHOST else address.host
    found = [
        Endpoint(service.name, port.target, host, address.port(port.target))
        for port in service.ports
        if port.protocol == "tcp"
    ]
    return tuple(dict.fromkeys(found))
