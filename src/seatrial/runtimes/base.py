"""The seam between the pipeline and whatever runs a compose file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from seatrial.composefile.once import ComposeFiles
from seatrial.events import Event
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Completed, Processes
from seatrial.model.environment import (
    Endpoint,
    EnvironmentRequest,
    LogLine,
    ServiceDetail,
    ServiceState,
)
from seatrial.toolchains.base import Toolchains


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a runtime is handed for one run: the doors to the outside, and where facts go."""

    run: str
    processes: Processes
    ledger: Ledger
    clock: Clock
    toolchains: Toolchains
    emit: Callable[[Event], None]
    files: ComposeFiles = field(default_factory=ComposeFiles)


class Environment(Protocol):
    """An environment that is up: all its services ready, its one-shots done."""

    @property
    def request(self) -> EnvironmentRequest:
        """Return what was asked for."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return where each published container port is reached."""

    @property
    def exports(self) -> Mapping[str, str]:
        """Return the ``TEST_…`` variables for the tests, TEST_INSTANCE_ID included."""

    def mark(self, at: float) -> None:
        """Remember this moment (seconds since the epoch), so that ``logs`` can answer from it."""

    async def logs(self, since: float | None = None, tail: int = 200) -> tuple[LogLine, ...]:
        """Return the newest ``tail`` log lines of each service from ``since`` (epoch) on."""

    async def ask(self, service: str, argv: Sequence[str], text: str) -> Completed:
        """Run ``argv`` where ``service`` runs, with its clients at hand and ``text`` as input."""

    async def remove(self) -> None:
        """Leave nothing: containers or processes, networks, volumes, data. May be called twice.

        Raises ``EnvironmentFailure`` where something would not go.
        """

    def keep(self) -> None:
        """Let it outlive this run: ``remove`` will not be called; the ledger keeps its entries."""


class Runtime(Protocol):
    """Brings environments up. One instance serves one run."""

    @property
    def name(self) -> str:
        """Return ``docker`` or ``process``."""

    def describe(self, request: EnvironmentRequest) -> Sequence[ServiceDetail]:
        """Return how each service would be started. Starts nothing.

        Raises ``ConfigError`` for a broken file, ``Refused`` for what this runtime cannot do.
        """

    async def boot(self, request: EnvironmentRequest) -> Environment:
        """Build what is missing, start all services, wait until they are ready.

        Emits ``PhaseStarted``/``PhaseFinished`` (build, boot), ``ServiceReady``, ``Noticed`` and
        ``EnvironmentReady``. Where it fails or is cancelled, everything it made is gone before it
        raises. Raises ``ConfigError``, ``Refused``, ``EnvironmentFailure``, ``DeadlinePassed``;
        a failure carries the failed service's last log lines and last health-check output.
        """

    async def close(self) -> None:
        """End what serves the whole run (event streams, images built for it)."""


class Standing(Protocol):
    """An environment that people work with: it stands from ``up`` to ``down``, over many calls.

    Unlike an :class:`Environment` it belongs to no run. Each call of the program makes a new
    object for it, which finds out by itself what is there. The compose files are obeyed as they
    are written: ports stay fixed, named volumes and what they hold stay until they are asked for.
    """

    @property
    def name(self) -> str:
        """Return the runtime's name, ``docker`` or ``process``."""

    async def up(
        self, services: Sequence[str] = (), *, build: bool = True, pinned: bool = False
    ) -> None:
        """Start ``services`` (all, where none is named) and what they need; wait until ready.

        ``pinned`` takes each image by the digest that its registry has, and builds nothing. What
        runs unchanged is left alone, what changed is replaced. A one-shot that ends with 0 is
        ready. Emits what ``Runtime.boot`` emits. Raises ``UsageError`` for an unknown service,
        ``EnvironmentFailure`` with the failed service's last log lines, ``DeadlinePassed``. Where
        it fails, what did start stays, to be looked at.
        """

    async def down(self, *, volumes: bool = False) -> None:
        """End and remove all services and networks, in order and with their grace.

        With ``volumes`` the data goes, too, external volumes excepted. Nothing there is no error.
        """

    async def volumes(self) -> tuple[str, ...]:
        """Return the names of what ``down(volumes=True)`` would delete."""

    async def states(self) -> tuple[ServiceState, ...]:
        """Return each service of the files, and what else is there of the environment."""

    def logs(
        self,
        services: Sequence[str] = (),
        *,
        follow: bool = False,
        tail: int | None = None,
        since: float | None = None,
    ) -> AsyncGenerator[LogLine, None]:
        """Yield the lines of ``services`` (all, where none is named), merged by their time.

        ``tail`` limits the lines of each service, ``since`` is seconds since the epoch. With
        ``follow`` it goes on, over restarts, until it is closed or nothing can write any more.
        """

    async def exec(self, service: str, argv: Sequence[str]) -> int:
        """Run ``argv`` where ``service`` runs, on our own terminal; return its exit code.

        Raises ``EnvironmentFailure`` where the service does not run.
        """

    async def variables(self) -> Mapping[str, str]:
        """Return where the services are reached: ``<ENVIRONMENT>_<SERVICE>_URL`` and so on."""
