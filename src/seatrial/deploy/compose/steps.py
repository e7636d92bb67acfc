"""Carries the steps of a plan out on the engine, and takes them back.

Old containers are stopped, never removed, until all of a deployment is good: to go back they are
started again, just as they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from seatrial.composefile.model import ComposeService
from seatrial.deploy.base import Ground
from seatrial.deploy.compose import trial
from seatrial.deploy.compose.back import Back, Undo
from seatrial.deploy.compose.beginning import Beginning, beginning
from seatrial.deploy.compose.ended import Ended
from seatrial.deploy.compose.files import Files
from seatrial.deploy.compose.gate import Gate
from seatrial.deploy.compose.model import Placed, ran_before
from seatrial.deploy.compose.names import give, own_name, set_aside
from seatrial.deploy.compose.plan import data_of, host_of, is_recreated, only_compose_starts
from seatrial.deploy.compose.survey import ids_of, running_of
from seatrial.deploy.model import Act, Step
from seatrial.errors import SeatrialError
from seatrial.events import Phase, PhaseFinished, PhaseStarted, ServiceReady

# Seconds after the end of a container before anything else is started.
_REST = 1.0
# Seconds between the start of the next containers and the end of the old ones: who keeps the
# addresses of a name, a proxy say, must know the next ones first. nginx counts whole seconds, so
# that `valid=1s` of its resolver lasts up to two.
_KNOWN = 2.5
_UP = ("--no-deps", "--no-build", "--no-recreate")


@dataclass
class Steps:
    """One deployment under way: what is to be taken back, and what it took so far."""

    ground: Ground
    files: Files
    gate: Gate
    images: Mapping[str, str]
    gaps: dict[str, float] = field(default_factory=dict)
    rolls: dict[str, float] = field(default_factory=dict)
    migrated: list[str] = field(default_factory=list)
    beginnings: dict[str, Beginning] = field(default_factory=dict)
    touched: bool = False

    def __post_init__(self) -> None:
        """Nothing is ended yet, and nothing to be taken back."""
        self.ended = Ended(self.ground)
        self.back = Back(self.phase)

    async def take(self, step: Step, there: Sequence[Placed]) -> None:
        """Do one step on its service, whose containers are ``there``."""
        if step.act is Act.REMOVE:
            await self._end(step.subject, there)
            return
        service = self.ground.found.read.project.services[step.subject]
        # Read before anything is touched: what is wrong with it is told by then.
        self.beginnings[service.name] = await beginning(self.ground, self.files, service)
        if step.act is Act.MIGRATE:
            await self._migrate(service)
        elif step.act is Act.START:
            await self._start(service, there, as_it_was=bool(step.detail))
        elif step.act is Act.ROLL:
            await self._roll(service, there)
        elif step.act is Act.REPLACE:
            recreated = is_recreated(service, there)
            await (self._recreate if recreated else self._replace)(service, there)

    async def go_back(self) -> list[str]:
        """Take all steps back, the last first; return what would not go back and why."""
        self.touched = bool(self.back.steps)
        return await self.back.go()

    async def finish(self) -> None:
        """Remove the old containers: there is no going back by itself any more."""
        await self.remove(self.ended.ids)
        self.back.steps.clear()

    async def remove(self, ids: Collection[str]) -> None:
        """Remove containers, running or not."""
        await self.ended.remove(ids)

    @asynccontextmanager
    async def phase(self, phase: Phase, subject: str) -> AsyncIterator[None]:
        """Tell when ``phase`` begins and ends."""
        context, key = self.ground.context, self.ground.order.environment
        began, ok = context.clock.at(), False
        context.emit(PhaseStarted(began, phase, subject, key, (subject,)))
        try:
            yield
            ok = True
        finally:
            now = context.clock.at()
            context.emit(PhaseFinished(now, phase, subject, now - began, key, ok))

    async def _migrate(self, service: ComposeService) -> None:
        name = service.name
        async with self.phase(Phase.MIGRATE, name):
            self.migrated.append(name)
            words = ("up", "--detach", "--no-deps", "--no-build", name)
            try:
                await self.files.done(f"{name} could not be started", self.images, *words)
                await self.gate.passed(service, await self._ids(name))
            except (SeatrialError, asyncio.CancelledError):
                # Its restart policy would try it again, behind everybody's back.
                with suppress(SeatrialError):
                    await self.ground.docker.run("stop", *await self._ids(name))
                raise

    async def _start(
        self, service: ComposeService, there: Sequence[Placed], *, as_it_was: bool
    ) -> None:
        name, clock = service.name, self.ground.context.clock
        known = {one.id for one in there}
        began = clock.at()
        # Those that run come first: of too many, the others are too many.
        there = sorted(there, key=lambda one: (not one.runs, one.stood.container.number))
        surplus = [] if as_it_was else there[service.replicas :]

        async def undo() -> None:
            await self.remove([id for id in await self._ids(name) if id not in known])
            up = [one.id for one in surplus if one.is_up]
            await self.ended.again(up, self.beginnings[name])

        self.back.add(name, undo)
        await self._end_the_sick(service, there)
        if as_it_was or surplus:
            await self._begin(service, [one.id for one in there if one not in surplus])
        else:
            scale = ("--scale", f"{name}={service.replicas}")
            # What is as wanted stays as it is, whatever Compose's own hash says.
            keep = ("--no-recreate",) if all(one.current for one in there) else ()
            words = ("up", "--detach", "--no-deps", "--no-build", *keep, *scale, name)
            await self.files.done(f"{name} could not be started", self.images, *words)
        left = {one.id for one in surplus}
        await self.gate.passed(service, [id for id in await self._ids(name) if id not in left])
        await self.ended.stop([one.id for one in surplus])
        self._ready(name, began)

    async def _end_the_sick(self, service: ComposeService, there: Sequence[Placed]) -> None:
        """End what runs and is not well, so that it is started again; nothing that keeps data."""
        sick = [one.id for one in there if one.is_up and not one.runs]
        if sick and not data_of(service):
            await self.ground.docker.run("stop", *sick)

    async def _roll(self, service: ComposeService, there: Sequence[Placed]) -> None:
        """Start the next containers beside the old ones, and end those when the next are good."""
        name, old = service.name, [one for one in there if not one.current]
        began = self.ground.context.clock.at()
        await self._try(service, there)
        async with self.phase(Phase.ROLL, name):
            self.back.add(name, self._back_to(service, old, aside=True))
            # Where Compose starts what it has made, it starts all others of the service, too: those
            # of an earlier deployment that came to nothing.
            start = "--detach" if only_compose_starts(service) else "--no-start"
            new = await self._made(service, there, start)
            await self._take_over(service, new)
            await self.ended.stop([one.id for one in old])
            # The engine gives an address that is free to whatever starts next. Who still connects
            # to the old one's must not reach another service there.
            await asyncio.sleep(_REST)
        self._rolled(name, began)

    async def _take_over(self, service: ComposeService, ids: Sequence[str]) -> None:
        """Start containers; return when they are good and everybody may know their addresses."""
        await self._begin(service, ids)
        known = self.ground.context.clock.at() + _KNOWN
        await self.gate.passed(service, ids)
        await asyncio.sleep(max(known - self.ground.context.clock.at(), 0.0))

    async def _replace(self, service: ComposeService, there: Sequence[Placed]) -> None:
        """Make the next containers, end the old ones, start the next: what they share is free."""
        name, old = service.name, [one for one in there if not one.current]
        began = self.ground.context.clock.at()
        await self._try(service, there)
        async with self.phase(Phase.ROLL, name):
            self.back.add(name, self._back_to(service, old, aside=False))
            new = await self._made(service, there, "--no-start")
            gone = self.ground.context.clock.at()
            await self.ended.stop([one.id for one in old])
            if service.container_name:
                await give(self.ground, name, new[0], service.container_name)
            await self._begin(service, new)
            self.gaps[name] = await self.gate.passed(service, new) - gone
        self._rolled(name, began)

    async def _recreate(self, service: ComposeService, there: Sequence[Placed]) -> None:
        """Let Compose put the next container in the old one's place."""
        name, began = service.name, self.ground.context.clock.at()
        before = there[0].image
        await self._try(service, there)

        async def up(image: str) -> float:
            words = ("up", "--detach", "--no-deps", "--no-build", name)
            await self.files.done(f"{name} could not be started", {name: image}, *words)
            return await self.gate.passed(service, await self._ids(name))

        async def undo() -> None:
            await up(before)

        async with self.phase(Phase.ROLL, name):
            self.back.add(name, undo)
            gone = self.ground.context.clock.at()
            self.gaps[name] = await up(self.images[name]) - gone
        self._rolled(name, began)

    async def _try(self, service: ComposeService, there: Sequence[Placed]) -> None:
        """Have the next version prove itself where nobody reaches it."""
        if trial.is_needed(service, there):
            async with self.phase(Phase.TRY, service.name):
                await trial.hold(self.ground, self.files, self.gate, self.images, service)

    async def _made(
        self, service: ComposeService, there: Sequence[Placed], start: str
    ) -> list[str]:
        """Return the containers of the next version, made where they are not there yet.

        ``start`` is Compose's option for what happens to them.
        """
        name, current = service.name, [one for one in there if one.current]
        need = service.replicas - len(current)
        if need > 0:
            scale = ("--scale", f"{name}={len(there) + need}")
            words = ("up", start, *_UP, *scale, name)
            what = f"{name} could not be made"
            host = host_of(service)
            network = await running_of(self.ground, host) if host else ""
            await self.files.done(what, self.images, *words, nameless=name, network=network)
        known = {one.id for one in there}
        made = [id for id in await self._ids(name) if id not in known]
        return [*(one.id for one in current), *made]

    def _back_to(self, service: ComposeService, old: Sequence[Placed], *, aside: bool) -> Undo:
        """Return what ends all but ``old`` and has those run again.

        ``aside`` says that both may run at once: then there is no gap on the way back either.
        """
        name, ids = service.name, [one.id for one in old]
        back = ran_before(old, service.replicas)

        async def undo() -> None:
            new = [id for id in await self._ids(name) if id not in ids]
            if not aside:
                await self.ended.stop(new)
            if {one.id for one in back} & set(self.ended.ids) or not all(one.runs for one in back):
                # One that is still on its way down would end after its start.
                await self.ended.stop(ids)
                for one in back:
                    await give(self.ground, name, one.id, own_name(self.ground, service, one))
                await self._take_over(service, [one.id for one in back])
                await self.ended.rejoin([one.id for one in back])
            await self.ended.stop(new)
            await self.remove(new)
            self.ended.forget((*ids, *new))

        return undo

    async def _end(self, name: str, there: Sequence[Placed]) -> None:
        names = {one.container_name for one in self.ground.found.read.project.services.values()}
        in_the_way = [one for one in there if one.stood.name in names]

        async def undo() -> None:
            for one in in_the_way:
                await give(self.ground, name, one.id, one.stood.name)
            up = [one.id for one in there if one.is_up]
            await self.ended.again(up, self.beginnings.get(name, Beginning(name)))

        async with self.phase(Phase.REMOVE, name):
            self.back.add(name, undo)
            await self.ended.stop([one.id for one in there])
            for one in in_the_way:
                await set_aside(self.ground, name, one.id)

    async def _begin(self, service: ComposeService, ids: Sequence[str]) -> None:
        await self.ended.begin(ids, self.beginnings[service.name])

    async def _ids(self, name: str) -> list[str]:
        return await ids_of(self.ground, name)

    def _ready(self, name: str, began: float) -> None:
        context = self.ground.context
        now = context.clock.at()
        context.emit(ServiceReady(now, self.ground.order.environment, name, now - began))

    def _rolled(self, name: str, began: float) -> None:
        self.rolls[name] = self.ground.context.clock.at() - began
        self._ready(name, began)
