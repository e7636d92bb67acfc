"""One stream of engine events for a whole run, and what it says of each container."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seatrial.errors import EnvironmentFailure
from seatrial.host.processes import Child
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import Docker

# The stream asks for the past, too: no event can be lost between its start and the engine's
# answer. The run's label is new, so nothing older matches, whatever the engine's clock says.
_PAST = 3600
# A stream that ends sooner than this many seconds after its start will not do better again.
_SHORT_LIFE = 1.0
# Probes are execs, which the engine tells of, too: three events each that nobody needs.
_KINDS = ("create", "start", "die", "died", "oom", "health_status")


@dataclass(slots=True)
class State:
    """What the events said of one container so far.

    ``code`` is its last exit code while it does not run; ``health`` the engine's word.
    """

    id: str
    service: str
    started: bool = False
    running: bool = False
    health: str = ""
    code: int | None = None
    deaths: int = 0
    oom: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Knows the containers of a run by their events; started once, before anything is created."""

    def __init__(self, docker: Docker, run: str) -> None:
        self._docker = docker
        self._run = run
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._projects: dict[str, dict[str, State]] = {}
        self._appeared: dict[str, asyncio.Event] = {}
        self._broken: EnvironmentFailure | None = None
        self._said = ""
        self._seen = 0

    async def start(self) -> None:
        """Start the stream unless it runs."""
        async with self._lock:
            if self._child is None:
                await self._start(f"{time.time() - _PAST:.0f}")
                self._keeper = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """End the stream."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._child is not None:
            await self._child.end(0.0)
            self._docker.processes.forget(self._child)

    async def created(self, project: str, service: str, number: int) -> list[State]:
        """Return the containers of a service once ``number`` of them were created."""
        appeared = self._appeared.setdefault(project, asyncio.Event())
        while True:
            states = self._projects.get(project, {}).values()
            found = [state for state in states if state.service == service]
            if len(found) >= number:
                return found
            appeared.clear()
            self._raise_if_broken()
            await appeared.wait()

    async def until(self, state: State, met: Callable[[State], bool]) -> None:
        """Return once ``met`` says so of ``state``. Raises where the stream broke."""
        while not met(state):
            state.changed.clear()
            self._raise_if_broken()
            await state.changed.wait()

    def forget(self, project: str) -> None:
        """Drop what is known of a project that is gone."""
        self._projects.pop(project, None)
        self._appeared.pop(project, None)

    async def _start(self, since: str) -> None:
        self._child = await self._docker.processes.start(
            (
                *("docker", "events", "--format", "{{json .}}", "--since", since),
                *("--filter", f"label={labels.RUN}={self._run}", "--filter", "type=container"),
                *(word for kind in _KINDS for word in ("--filter", f"event={kind}")),
            ),
            env=self._docker.engine,
            on_line=self._line,
            note="docker events",
        )

    async def _keep(self) -> None:
        """Start the stream anew where it ends: a connection to an engine may be cut."""
        while self._child is not None:
            began = time.monotonic()
            await self._child.wait()
            self._docker.processes.forget(self._child)
            if time.monotonic() - began < _SHORT_LIFE:
                break
            await self._start(f"{self._seen // 10**9}.{self._seen % 10**9 + 1:09d}")
        self._broken = EnvironmentFailure(
            "the engine stopped telling what happens to its containers",
            mend="see whether it still runs: `docker version`",
            detail=(self._said,) if self._said else (),
        )
        self._wake_all()

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _wake_all(self) -> None:
        for event in self._appeared.values():
            event.set()
        for states in self._projects.values():
            for state in states.values():
                state.changed.set()

    def _line(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            self._said = line
            return
        self._take(event)

    def _take(self, event: dict[str, Any]) -> None:
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        action = str(event.get("Action", ""))
        self._seen = max(self._seen, int(event.get("timeNano") or 0))
        project = attributes.get(labels.COMPOSE_PROJECT, "")
        states = self._projects.setdefault(project, {})
        known = str(actor.get("ID", "")) in states
        state = states.setdefault(
            str(actor.get("ID", "")),
            State(str(actor.get("ID", "")), attributes.get(labels.COMPOSE_SERVICE, "")),
        )
        if apply(state, action, attributes):
            state.changed.set()
        if not known and project in self._appeared:
            self._appeared[project].set()


def apply(state: State, action: str, attributes: dict[str, str]) -> bool:
    """Write into ``state`` what an event says; return whether it said anything new. Pure else."""
    if action == "start":
        state.started = state.running = True
        state.code = None
    elif action in ("die", "died"):
        state.running = False
        state.code = int(attributes.get("exitCode") or attributes.get("containerExitCode") or 0)
        state.deaths += 1
    elif action == "oom":
        state.oom = True
    elif action.startswith("health_status"):
        _, _, health = action.partition(": ")
        state.health = health or attributes.get("health_status", "")
    else:
        return False
    return True
