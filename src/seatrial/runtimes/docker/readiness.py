"""When a started service counts as ready, and when it never will."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from seatrial.composefile.model import ComposeService
from seatrial.host.listeners import listeners
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.containers import Container
from seatrial.runtimes.docker.engine import Engine
from seatrial.runtimes.docker.listening import until_another_listener, until_listening
from seatrial.runtimes.docker.watch import State, Watch

# A service with a restart policy may die and come again; the engine waits 0.1 s before the first
# restart and doubles that each time, so this many deaths take about three seconds.
DEATHS_TOLERATED = 5
# Pauses in seconds between our own probes of a service that listens and is not healthy yet.
_AGAIN = (0.02, 0.05, 0.1, 0.2, 0.4)
_PROBE_TIMEOUT = 30.0


class Unready(Exception):
    """A service will not become ready; ``what`` says why in the words after its name."""

    def __init__(self, service: ComposeService, state: State, what: str) -> None:
        super().__init__(what)
        self.service = service
        self.state = state
        self.what = what


@dataclass(frozen=True, slots=True)
class Waiting:
    """One container that is waited for; ``goal`` is what for, in words for the deadline's error."""

    service: ComposeService
    state: State
    container: Container
    must_end: bool = False
    patience: float | None = None

    @property
    def goal(self) -> str:
        """Return what this service is waited for."""
        if self.must_end:
            return "its end with 0"
        if self.container.test:
            return "its health check"
        ports = sorted({str(b.port) for b in self.container.bindings})
        return f"something to listen on port {', '.join(ports)}" if ports else "its start"


def trouble(service: ComposeService, state: State) -> str:
    """Return why a container will not become ready, empty where it still may. Pure."""
    if state.code:
        may_come_again = (service.restart or "no").split(":")[0] in (
            "always",
            "unless-stopped",
            "on-failure",
        )
        if not may_come_again or state.deaths >= DEATHS_TOLERATED:
            killed = " (out of memory)" if state.oom else ""
            times = f" {state.deaths} times, last" if state.deaths > 1 else ""
            return f"exited{times} with {state.code}{killed}"
    if state.health == "unhealthy":
        return "is unhealthy"
    return ""


async def until_ready(docker: Docker, watch: Watch, engine: Engine, waiting: Waiting) -> None:
    """Return once a container is ready or, as a one-shot, has ended with 0. Raises ``Unready``."""
    service, state = waiting.service, waiting.state

    def over(now: State) -> bool:
        return bool(trouble(service, now)) or now.code == 0 or now.health == "healthy"

    container, ways = waiting.container, [partial(watch.until, state, over)]
    if not waiting.must_end:
        if container.test:
            if engine.visible:
                ways.append(partial(_probed, docker, container))
        elif any(b.protocol == "tcp" for b in container.bindings):
            ways.append(partial(until_listening, container, engine.reach, visible=engine.visible))
        else:
            return
    try:
        async with asyncio.timeout(waiting.patience):
            await first_of(ways)
    except TimeoutError:
        what = f"did not become healthy within {waiting.patience:g} s, as its timings ask"
        raise Unready(service, state, what) from None
    said = trouble(service, state)
    if said:
        raise Unready(service, state, said)


async def _probed(docker: Docker, container: Container) -> None:
    """Return once the health check's own test passes, tried when a port begins to be listened on.

    The engine's next probe may be a second away; the moment in which a service begins to listen is
    seen at once. Where it listens on nothing the engine's probes decide alone.
    """
    if listeners(container.pid, container.id) is None:
        await asyncio.Event().wait()
    known: frozenset[int] = frozenset()
    while True:
        known = await until_another_listener(container, known)
        for pause in _AGAIN:
            words = probe_words(container.test)
            done = await docker.run("exec", container.id, *words, timeout=_PROBE_TIMEOUT)
            if done.ok:
                return
            await asyncio.sleep(pause)


def probe_words(test: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command of a health check's test. Pure."""
    if test[0] == "CMD-SHELL":
        return ("/bin/sh", "-c", " ".join(test[1:]))
    return test[1:]


async def first_of(ways: Iterable[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    """Return or raise with the first of ``ways`` to end; the others are cancelled."""
    tasks = [asyncio.ensure_future(way()) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
