"""When a started service counts as ready, and when it never will."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from seatrial.composefile.model import ComposeService
from seatrial.runtimes.docker.containers import Container
from seatrial.runtimes.docker.engine import Engine
from seatrial.runtimes.docker.listening import until_listening
from seatrial.runtimes.docker.watch import State, Watch

# A service with a restart policy may die and come again; the engine waits 0.1 s before the first
# restart and doubles that each time, so this many deaths take about three seconds.
DEATHS_TOLERATED = 5


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


async def until_ready(watch: Watch, engine: Engine, waiting: Waiting) -> None:
    """Return once a container is ready or, as a one-shot, has ended with 0. Raises ``Unready``."""
    service, state = waiting.service, waiting.state

    def over(now: State) -> bool:
        return bool(trouble(service, now)) or now.code == 0 or now.health == "healthy"

    container, ways = waiting.container, [partial(watch.until, state, over)]
    if not waiting.must_end:
        listens = any(b.protocol == "tcp" for b in container.bindings)
        if not container.test and not listens:
            return
        if not container.test:
            ways.append(partial(until_listening, container, engine.reach, visible=engine.visible))
    try:
        async with asyncio.timeout(waiting.patience):
            await first_of(ways)
    except TimeoutError:
        what = f"did not become healthy within {waiting.patience:g} s, as its timings ask"
        raise Unready(service, state, what) from None
    said = trouble(service, state)
    if said:
        raise Unready(service, state, said)


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
