"""A runtime in memory: the real rules of the seam, nothing started.

The contract suite runs over it as over the real ones, so that what pipeline tests show with it
holds for them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from seatrial import events
from seatrial.composefile.exports import exports
from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.errors import SeatrialError
from seatrial.events import Event
from seatrial.host.clock import Clock
from seatrial.host.processes import Completed
from seatrial.model.environment import Endpoint, EnvironmentRequest, LogLine, ServiceDetail


@dataclass
class Script:
    """What shall happen to one environment.

    ``hold`` is waited for before it is up, ``error`` raised in its stead, ``removal`` raised by
    ``remove``.
    """

    hold: asyncio.Event | None = None
    error: SeatrialError | None = None
    removal: SeatrialError | None = None
    logs: tuple[LogLine, ...] = ()


class FakeEnvironment:
    """An environment that exists in ``FakeRuntime.up`` only."""

    def __init__(
        self, request: EnvironmentRequest, project: ComposeProject, script: Script, up: set[str]
    ) -> None:
        self.request = request
        self.endpoints = tuple(_endpoints(project))
        self._project = project
        self._script = script
        self._up = up
        self.kept = False
        self.marks: list[float] = []
        self.asked: list[tuple[str, str]] = []

    @property
    def exports(self) -> Mapping[str, str]:
        return exports(
            self._project,
            self.endpoints,
            instance=self.request.instance,
            subject=self.request.subject,
            extra=self.request.exports,
        )

    def mark(self, at: float) -> None:
        self.marks.append(at)

    async def logs(self, since: float | None = None, tail: int = 200) -> tuple[LogLine, ...]:
        own = (
            LogLine(name, time.time(), f"{name} is up") for name in sorted(self._project.services)
        )
        lines = self._script.logs or tuple(own)
        return tuple(line for line in lines if since is None or line.at >= since)[-tail:]

    async def ask(self, service: str, argv: Sequence[str], text: str) -> Completed:
        self.asked.append((service, text))
        return Completed(tuple(argv), 0, "", "")

    async def remove(self) -> None:
        await asyncio.sleep(0)
        if self._script.removal is not None:
            raise self._script.removal
        self._up.discard(self.request.key)

    def keep(self) -> None:
        self.kept = True


@dataclass
class FakeRuntime:
    """Boots what its scripts say; ``up`` holds the keys of what has not been removed."""

    clock: Clock
    emit: Callable[[Event], None]
    scripts: dict[str, Script] = field(default_factory=dict)
    up: set[str] = field(default_factory=set)
    booted: list[str] = field(default_factory=list)
    closed: bool = False
    name: str = "fake"

    def describe(self, request: EnvironmentRequest) -> Sequence[ServiceDetail]:
        project = load(request.files, request.variables)
        return [
            ServiceDetail(name, "image" if service.image else "build", "")
            for name, service in project.services.items()
        ]

    async def boot(self, request: EnvironmentRequest) -> FakeEnvironment:
        script = self.scripts.get(request.key, Script())
        project = load(request.files, request.variables)
        began = self.clock.at()
        boot, key = events.Phase.BOOT, request.key
        self.emit(events.PhaseStarted(began, boot, key, key, tuple(project.services)))
        self.booted.append(key)
        self.up.add(key)
        ok = False
        try:
            if script.hold is not None:
                await script.hold.wait()
            if script.error is not None:
                raise script.error
            ok = True
        finally:
            seconds = self.clock.at() - began
            self.emit(events.PhaseFinished(self.clock.at(), boot, key, seconds, key, ok))
            if not ok:
                self.up.discard(key)
        environment = FakeEnvironment(request, project, script, self.up)
        for name in project.services:
            self.emit(events.ServiceReady(self.clock.at(), key, name, seconds))
        self.emit(events.EnvironmentReady(self.clock.at(), key, seconds, environment.endpoints))
        return environment

    async def close(self) -> None:
        self.closed = True


def _endpoints(project: ComposeProject) -> list[Endpoint]:
    ports = ((name, port) for name, one in project.services.items() for port in one.ports)
    return [
        Endpoint(name, port.target, "127.0.0.1", 40000 + number, port.protocol)
        for number, (name, port) in enumerate(ports)
    ]
