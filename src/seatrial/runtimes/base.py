"""The seam between the pipeline and whatever runs a compose file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from seatrial.composefile.once import ComposeFiles
from seatrial.events import Event
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.model.environment import Endpoint, EnvironmentRequest, LogLine, ServiceDetail
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
