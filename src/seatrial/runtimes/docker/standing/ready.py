"""Waits until the services of an environment that stands are ready, while Compose starts them.

Compose is asked to start all; meanwhile the containers are looked at whenever the engine tells of
one. What was not started since says nothing until Compose has ended: it may be about to be
replaced.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.host.processes import Completed
from seatrial.runtimes.docker.engine import Engine
from seatrial.runtimes.docker.listening import until_listening
from seatrial.runtimes.docker.readiness import DEATHS_TOLERATED, Unready, Waiting
from seatrial.runtimes.docker.standing.look import Changes, Look, Stood, ended_well
from seatrial.runtimes.docker.watch import State
from seatrial.runtimes.docker.waves import must_end

# An event may be lost with its stream: the engine is asked this often in any case, in seconds.
_LOOK = 2.0


class Step(StrEnum):
    """How far a container is."""

    WAITING = "waiting"
    READY = "ready"
    LISTENING = "listening"


class Readiness:
    """Waits for ``services``; ``before`` is what was there before the start, ``ready`` is told."""

    def __init__(
        self,
        look: Look,
        engine: Engine,
        project: ComposeProject,
        services: Iterable[str],
        before: Iterable[Stood],
        ready: Callable[[str], None],
    ) -> None:
        self._look = look
        self._engine = engine
        self._project = project
        self._services = {name: project.services[name] for name in services}
        self._before = {one.container.id: one.started for one in before}
        self._ready = ready
        self._told: set[str] = set()
        self._listeners: dict[tuple[object, ...], asyncio.Task[None]] = {}
        self._one_shots = must_end(project)
        self.seen: list[Stood] = []

    async def until_ready(
        self,
        starting: asyncio.Task[Completed],
        changes: Changes,
        deadline: asyncio.Timeout,
        boot: float,
    ) -> None:
        """Return once all services are ready and Compose has ended well.

        The boot's time runs from the first container that changed: a pull takes what it takes.
        Raises ``Unready`` for a service that will not be, ``NotStarted`` where Compose failed.
        """
        try:
            while True:
                changes.happened.clear()
                over = starting.done()
                self.seen = await self._look.own()
                if deadline.when() is None and (over or self._any_new()):
                    deadline.reschedule(asyncio.get_running_loop().time() + boot)
                ready = self._judge(over=over and starting.result().ok)
                if over and not starting.result().ok:
                    raise NotStarted(starting.result())
                if over and ready:
                    return
                await self._something(starting, changes)
        finally:
            for task in self._listeners.values():
                task.cancel()
            await asyncio.gather(*self._listeners.values(), return_exceptions=True)

    def waiting(self) -> tuple[list[Waiting], list[str]]:
        """Return what is still waited for, and the services that were not even started."""
        waits, unstarted = [], []
        for name, service in self._services.items():
            if name in self._told:
                continue
            mine = [one for one in self._of(name) if one.container.status != "created"]
            if not mine:
                unstarted.append(name)
            for one in mine[:1]:
                must = name in self._one_shots
                waits.append(Waiting(service, _state(one), one.container, must_end=must))
        return waits, unstarted

    def _any_new(self) -> bool:
        return any(self._is_new(one) for one in self.seen)

    def _is_new(self, one: Stood) -> bool:
        # One that was only stopped is on its way to be replaced.
        return self._before.get(one.container.id) != one.started

    def _of(self, name: str) -> list[Stood]:
        return [one for one in self.seen if one.container.service == name]

    def _judge(self, *, over: bool) -> bool:
        """Tell of services that are ready; return whether all are. Raises ``Unready``."""
        for name, service in self._services.items():
            ones = self._of(name)
            steps = [self._step(one, service) for one in ones if over or self._is_new(one)]
            done = len(steps) == len(ones) >= service.replicas
            if done and all(step is Step.READY for step in steps) and name not in self._told:
                self._told.add(name)
                self._ready(name)
            elif not (done and all(step is Step.READY for step in steps)):
                self._told.discard(name)
        return len(self._told) == len(self._services)

    def _step(self, one: Stood, service: ComposeService) -> Step:
        said = trouble(one, self._project, self._one_shots)
        if said:
            raise Unready(service, _state(one), said)
        facts = one.container
        if one.ended:
            return Step.READY
        if facts.status != "running" or service.name in self._one_shots:
            return Step.WAITING
        if facts.health:
            return Step.READY if facts.health == "healthy" else Step.WAITING
        if not any(binding.protocol == "tcp" for binding in facts.bindings):
            return Step.READY
        return Step.READY if self._listens(one) else Step.WAITING

    def _listens(self, one: Stood) -> bool:
        key = (one.container.id, one.started)
        if key not in self._listeners:
            waiting = until_listening(
                one.container, self._engine.reach, visible=self._engine.visible
            )
            self._listeners[key] = asyncio.ensure_future(waiting)
        return self._listeners[key].done()

    async def _something(self, starting: asyncio.Task[Completed], changes: Changes) -> None:
        """Return once anything may have changed."""
        happened = asyncio.ensure_future(changes.happened.wait())
        open_ones = [task for task in (starting, *self._listeners.values()) if not task.done()]
        try:
            await asyncio.wait(
                [happened, *open_ones], timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            happened.cancel()


class NotStarted(Exception):
    """Compose could not start everything; ``done`` is what it said."""

    def __init__(self, done: Completed) -> None:
        super().__init__(done.err)
        self.done = done


def trouble(one: Stood, project: ComposeProject, awaited: Iterable[str]) -> str:
    """Return why a container will not become ready, empty where it still may. Pure."""
    facts = one.container
    if one.ended:
        if ended_well(one, project, awaited):
            return ""
        killed = " (out of memory)" if facts.oom else ""
        return f"exited with {facts.exit_code}{killed}"
    if facts.status == "restarting" and one.restarts >= DEATHS_TOLERATED:
        return f"exited {one.restarts} times, last with {facts.exit_code}"
    if facts.status == "running" and facts.health == "unhealthy":
        return "is unhealthy"
    return ""


def named(text: str, seen: Iterable[Stood], services: Mapping[str, ComposeService]) -> list[Stood]:
    """Return the containers that Compose's own words name. Pure."""
    return [one for one in seen if one.name in text and one.container.service in services]


def blamed(
    done: Completed, seen: Iterable[Stood], project: ComposeProject, services: Iterable[str]
) -> Unready | None:
    """Return the service whose failure made Compose give up, where its words name one. Pure."""
    wanted = {name: project.services[name] for name in services}
    for one in named(done.err, seen, wanted):
        service = wanted[one.container.service]
        said = trouble(one, project, must_end(project))
        if said:
            return Unready(service, _state(one), said)
    return None


def _state(one: Stood) -> State:
    return State(one.container.id, one.container.service)
