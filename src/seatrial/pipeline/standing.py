"""Opens an environment that people work with, and closes again what one call of a verb needs.

::

    name ─► compose files ─► request ─► lock (up, down) ─► runtime ─► Standing ─► the verb's work

The environment itself outlives the call: nothing of it is in the ledger of a run, so that no
clean-up ever takes it.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from seatrial import events
from seatrial.config.model import Config
from seatrial.errors import EnvironmentFailure, Interrupted, Refused, SeatrialError, UsageError
from seatrial.host.alone import alone
from seatrial.host.clock import Clock
from seatrial.host.files import write_atomically
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.host.state import Folders, new_run_id
from seatrial.host.system import leave
from seatrial.host.worktree import identify
from seatrial.model.environment import ServiceState
from seatrial.model.redact import Redactor
from seatrial.model.result import Problem
from seatrial.pipeline.session import TICK
from seatrial.pipeline.shutdown import Signals, exit_code
from seatrial.pipeline.standing_request import PROD, Found, find, redactor
from seatrial.runtimes.base import RunContext, Standing
from seatrial.runtimes.choose import AUTO, DOCKER, PROCESS, Choice, choose
from seatrial.runtimes.docker.engine import Engine
from seatrial.toolchains.sync import SyncedToolchains

T = TypeVar("T")


def _nothing(_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which environment a verb is about, and who hears what happens to it.

    ``runtime`` is the word of ``--runtime``, empty without; ``timeout`` the boot's in seconds.
    ``listener`` hears every event, redacted; ``tick`` is called ten times a second.
    ``interrupted`` says what to do after a signal, where that is not for ``up`` to say.
    """

    name: str
    root: Path
    config: Config
    environment: Mapping[str, str]
    folders: Folders
    runtime: str = ""
    timeout: float | None = None
    listener: Callable[[events.Event], None] = _nothing
    tick: Callable[[float], None] = _nothing
    interrupted: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """An environment at hand. ``redact`` takes secrets out of a text that is to be shown.

    ``engine`` is the one that it is on, ``None`` where it runs as processes.
    """

    found: Found
    standing: Standing
    redact: Redactor
    record: Path
    context: RunContext
    engine: Engine | None

    async def up(self, services: Sequence[str], *, build: bool, pinned: bool = False) -> None:
        """Bring it up; see :meth:`Standing.up`. The runtime is remembered for the other verbs."""
        write_atomically(self.record, json.dumps({"v": 1, "runtime": self.standing.name}) + "\n")
        try:
            await self.standing.up(services, build=build, pinned=pinned)
        except SeatrialError:
            with suppress(SeatrialError):
                if not is_up(await self.standing.states()):
                    self.record.unlink(missing_ok=True)
            raise

    async def must_be_up(self, services: Sequence[str] = ()) -> None:
        """Raise ``EnvironmentFailure`` where nothing is up, ``UsageError`` for unknown services."""
        name, states = self.found.request.key, await self.standing.states()
        known = dict.fromkeys(state.service for state in states)
        unknown = [service for service in services if service not in known]
        if unknown:
            raise UsageError(
                f"{name} has no service {unknown[0]!r}", mend=f"there are: {', '.join(known)}"
            )
        if not is_up(states):
            raise EnvironmentFailure(f"{name} is not up", mend=f"seatrial up {name}")

    async def down(self, *, volumes: bool) -> None:
        """Take it down; see :meth:`Standing.down`."""
        await self.standing.down(volumes=volumes)
        self.record.unlink(missing_ok=True)


def is_up(states: Sequence[ServiceState]) -> bool:
    """Return whether anything of an environment is there."""
    return any(state.state != "missing" for state in states)


def use(
    asked: Asked,
    work: Callable[[Opened], Awaitable[T]],
    *,
    changing: bool = False,
    hears: bool = True,
) -> T:
    """Open the environment, do ``work`` with it, return what that returns.

    ``changing`` is for work that changes it: two at once wait for each other. Without ``hears``
    signals are left to the program that the work runs. Raises ``Interrupted`` with the signal's
    exit code, and what the work raises, redacted.
    """
    return asyncio.run(_Use(asked, changing).run(work, hears))


class _Use:
    def __init__(self, asked: Asked, changing: bool) -> None:
        self._asked = asked
        self._changing = changing
        self._clock = Clock()
        self._run = new_run_id()
        self._worktree = identify(asked.root, asked.folders.state)
        self._found = find(
            asked.name,
            asked.root,
            asked.config,
            asked.environment,
            worktree=self._worktree.id,
            run=self._run,
            timeout=asked.timeout,
        )
        self._redact = redactor(self._found)
        self._place = self._worktree.folder / "up"

    async def run(self, work: Callable[[Opened], Awaitable[T]], hears: bool) -> T:
        async with self._context() as context:
            task = asyncio.ensure_future(self._work(context, work))
            if not hears:
                return await task

            def ask(name: str, count: int) -> None:
                self._emit(events.RunInterrupted(self._clock.at(), name, count))
                task.cancel()

            def insist(first: signal.Signals) -> None:
                context.processes.kill_all()
                leave(exit_code(first, 0))

            signals = Signals(ask, insist)
            ticker = asyncio.ensure_future(self._tick())
            try:
                with signals.handled():
                    return await task
            except asyncio.CancelledError:
                if signals.first is None:
                    raise
                raise self._interrupted(signals.first) from None
            finally:
                ticker.cancel()

    async def _work(self, context: RunContext, work: Callable[[Opened], Awaitable[T]]) -> T:
        try:
            async with self._alone():
                engine, standing = await self._standing(context)
                record = self._place / f"{self._asked.name}.json"
                return await work(
                    Opened(self._found, standing, self._redact, record, context, engine)
                )
        except SeatrialError as error:
            error.what = self._redact(error.what)
            error.mend = self._redact(error.mend)
            error.detail = tuple(map(self._redact, error.detail))
            problem = Problem.of(error)
            self._emit(events.EnvironmentFailed(self._clock.at(), self._asked.name, problem))
            raise

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        if not self._changing:
            yield
            return

        def waiting(holder: str) -> None:
            detail = f"process {holder}" if holder else ""
            notice = events.Notice.WAITING
            self._emit(events.Noticed(self._clock.at(), notice, self._asked.name, detail))

        async with alone(self._place / f"{self._asked.name}.lock", waiting):
            yield

    @asynccontextmanager
    async def _context(self) -> AsyncIterator[RunContext]:
        asked = self._asked
        ledger = Ledger(asked.folders.state / "runs" / f"{self._run}.ledger", self._run)
        processes = Processes(asked.environment, ledger)
        toolchains = SyncedToolchains(
            processes, self._clock, self._emit, asked.folders.state, asked.root
        )
        try:
            yield RunContext(self._run, processes, ledger, self._clock, toolchains, self._emit)
        finally:
            await toolchains.close()
            ledger.close(clean=True)

    async def _standing(self, context: RunContext) -> tuple[Engine | None, Standing]:
        choice = await self._chosen(context.processes)
        if self._changing:
            chosen = events.RuntimeChosen(
                self._clock.at(), choice.runtime, choice.why, choice.detail
            )
            self._emit(chosen)
        request = self._found.request
        if choice.engine is not None:
            from seatrial.runtimes.docker.standing.environment import DockerStanding

            return choice.engine, DockerStanding(request, context, choice.engine)
        from seatrial.runtimes.process.standing.environment import ProcessStanding

        providers = self._asked.config.process.providers
        return None, ProcessStanding(request, context, self._asked.folders, providers)

    async def _chosen(self, processes: Processes) -> Choice:
        """Return the runtime: asked for, else what it is up on, else what seatrial.toml says."""
        asked, name = self._asked.runtime, self._asked.name
        there = recorded(self._place / f"{name}.json")
        if there and asked not in ("", there):
            raise UsageError(
                f"{name} is up on the runtime {there!r}",
                mend=f"`seatrial down {name}` first, or leave --runtime {asked} out",
            )
        if name == PROD and asked == PROCESS:
            raise Refused(
                "prod runs in containers only", mend="leave --runtime out, or start an engine"
            )
        usual = DOCKER if name == PROD else self._asked.config.run.runtime or AUTO
        choice = await choose(asked or there or usual, processes)
        if choice.engine is not None and asked != DOCKER:
            # Nobody asked for it now.
            choice = replace(choice, why=events.RuntimeReason.ENGINE_ANSWERS)
        return choice

    def _interrupted(self, first: signal.Signals) -> Interrupted:
        name = self._asked.name
        error = Interrupted("interrupted")
        if self._asked.interrupted:
            error = Interrupted("interrupted", mend=self._asked.interrupted)
        elif self._changing:
            error = Interrupted(
                "interrupted; what runs now stays as it is",
                mend=f"see `seatrial ps {name}`; `seatrial down {name}` ends it",
            )
        error.exit_code = exit_code(first, 0)
        return error

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._asked.tick(self._clock.at())

    def _emit(self, event: events.Event) -> None:
        self._asked.listener(self._redact.redact_event(event))


def recorded(record: Path) -> str:
    """Return the runtime that an environment is up on by its record; empty where none says so."""
    try:
        runtime = json.loads(record.read_bytes())["runtime"]
    except (OSError, ValueError, TypeError, KeyError):
        return ""
    return runtime if runtime in (DOCKER, PROCESS) else ""
