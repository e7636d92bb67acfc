"""One running service: started, watched until it is ready, ended."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.errors import DeadlinePassed, RuntimeMissing
from seatrial.host.processes import Child, Completed, Overlay, Processes
from seatrial.host.system import passing_nice
from seatrial.runtimes.process.health import Health, missing_program, until_healthy
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.listening import is_listening
from seatrial.runtimes.process.logs import ServiceLog
from seatrial.runtimes.process.plan import Probe, ServicePlan
from seatrial.runtimes.process.unprivileged import give

_FIRST_LOOK, _LONGEST_LOOK, _GROWTH = 0.005, 0.05, 1.3
# How long a check waits for a port before it is asked anyway: it may be about something else.
_PORT_PATIENCE = 2.0
_GRACE = 2.0
# A trap, unlike an ignored signal, is not inherited: the program gets the group's signals as ever.
_RECORD = 'trap : HUP INT QUIT TERM USR1 USR2; "$@"; code=$?; echo $code > "$0"; exit $code'


@dataclass(frozen=True, slots=True)
class Command:
    """What is started, all references translated."""

    argv: tuple[str, ...]
    cwd: Path
    env: Overlay
    probe: Probe | None = None
    probe_env: Mapping[str, str | None] = field(default_factory=dict)
    user: int | None = None


class Exited(Exception):
    """A service ended before it was ready."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class RunningService:
    """A service of a live environment.

    ``began`` is when it was started, in seconds since the epoch, ``offset`` the size of its log
    then; ``ready`` tells whether it is up; ``asking`` is what clients beside it see. Where a folder
    for exit ``codes`` is given, a shell stays with the program and writes its code to a file of the
    service's name there: nobody else can learn it once this program is gone.
    """

    def __init__(
        self,
        plan: ServicePlan,
        address: Address,
        log: ServiceLog,
        processes: Processes,
        codes: Path | None = None,
    ) -> None:
        self.plan = plan
        self.address = address
        self.log = log
        self.health = Health()
        self.child: Child | None = None
        self.ready = False
        self.began, self.offset = 0.0, 0
        self.cwd: Path | None = None
        self.asking: Mapping[str, str | None] = {}
        self._processes = processes
        self._code = codes / plan.name if codes is not None else None

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the ports in use."""
        return tuple(self.address.port(port) for port in self.plan.ports)

    async def start(self, command: Command) -> Child:
        """Start it, its output going straight into its log."""
        argv = command.argv if self._code is None else self._recorded(command, self._code)
        self.cwd, self.ready, self.began = command.cwd, False, time.time()
        self.asking = command.probe_env
        with self.log.path.open("ab") as sink:
            self.offset = sink.tell()
            self.child = await self._processes.start(
                argv,
                cwd=command.cwd,
                env=command.env,
                log=sink,
                note=self.plan.name,
                nice=passing_nice(),
                user=command.user,
            )
        return self.child

    def _recorded(self, command: Command, code: Path) -> tuple[str, ...]:
        """Return the command inside a shell that waits for it. Makes the file ``code``."""
        program = command.argv[0]
        if self._processes.find(program, command.env) is None:
            raise RuntimeMissing(
                f"no program {program!r}", mend=f"install {program} or put it on PATH"
            )
        code.write_text("")
        give(code, command.user)
        return ("sh", "-c", _RECORD, str(code), *command.argv)

    async def until_ready(self, command: Command) -> None:
        """Wait until it is healthy, or listens, or, without either, runs.

        Raises ``Exited`` as soon as it ends, ``Unhealthy``, ``RuntimeMissing``.
        """
        assert self.child is not None
        ended = asyncio.ensure_future(self.child.exited())
        ready = asyncio.ensure_future(self._ready(command))
        try:
            await asyncio.wait((ended, ready), return_when=asyncio.FIRST_COMPLETED)
            # A service that listens and ends in the same moment has ended.
            if ended.done():
                raise Exited(ended.result())
            ready.result()
        finally:
            ended.cancel()
            ready.cancel()
            await asyncio.gather(ended, ready, return_exceptions=True)

    async def until_ended(self) -> None:
        """Wait for the end of a one-shot. Raises ``Exited`` where it did not end with 0."""
        assert self.child is not None
        code = await self.child.exited()
        self._processes.forget(self.child)
        if code != 0:
            raise Exited(code)

    async def _ready(self, command: Command) -> None:
        probe, plan = command.probe, self.plan
        if probe is None:
            if plan.awaited:
                await self._until_listening(plan.awaited)
            return
        if plan.ports:
            # Reading a table is cheap, a check may start an interpreter.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PORT_PATIENCE):
                    await self._until_listening(plan.ports)

        async def ask(probe: Probe) -> Completed:
            return await self._ask(probe, command)

        await until_healthy(plan.name, probe, ask, self.health)

    async def _ask(self, probe: Probe, command: Command) -> Completed:
        try:
            return await self._processes.run(
                probe.argv, cwd=command.cwd, env=command.probe_env, timeout=probe.timeout
            )
        except DeadlinePassed as late:
            return Completed(probe.argv, 1, "", late.what)
        except RuntimeMissing:
            raise missing_program(self.plan.name, probe, probe.argv[0]) from None

    async def _until_listening(self, ports: tuple[int, ...]) -> None:
        assert self.child is not None
        used = {self.address.port(port) for port in ports}
        delay = _FIRST_LOOK
        # The kernel tells nobody that somebody else listens.
        while not is_listening(self.address.host, used, self.child.pid):
            await asyncio.sleep(delay)
            delay = min(delay * _GROWTH, _LONGEST_LOOK)

    async def end(self) -> None:
        """End it and all of its group; may be called twice.

        A leader that is gone is not signalled: its number may be somebody else's by now.
        """
        if self.child is None:
            return
        if self.child.returncode is None:
            number = signal_number(self.plan.stop_signal)
            await self.child.end(grace=_GRACE, stop=number)
        self._processes.forget(self.child)

    def let_go(self) -> None:
        """Let it outlive this run."""
        if self.child is not None:
            self._processes.forget(self.child)


def signal_number(text: str) -> signal.Signals:
    """Return SIGTERM for ``TERM``, ``SIGTERM`` or ``15``, and for what is none."""
    name = text.upper()
    if name.isdigit():
        with contextlib.suppress(ValueError):
            return signal.Signals(int(name))
    name = name if name.startswith("SIG") else f"SIG{name}"
    return signal.Signals.__members__.get(name, signal.SIGTERM)
