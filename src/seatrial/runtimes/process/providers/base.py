"""The seam between a plan and what stands in for an image: one file a provider.

A provider looks at a compose service and answers with a server; the plan asks the server what it
needs, the boot asks it how to be launched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seatrial.composefile.model import ComposeService
from seatrial.events import Notice
from seatrial.runtimes.process.images import ImageRef
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.paths import PathMap

if TYPE_CHECKING:  # it brings asyncio, which planning need not load
    from seatrial.host.processes import Overlay, Processes


@dataclass(frozen=True, slots=True)
class Asked:
    """What a compose service asks of an image: ``env`` and ``command`` as the image would see them.

    ``files`` maps container paths (init scripts, secrets, a config file) to host paths.
    """

    service: ComposeService
    image: ImageRef
    env: Mapping[str, str]
    command: tuple[str, ...]
    files: PathMap


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is launched.

    ``data`` is a folder for it alone, fresh, on tmpfs where there is one; where it is ``durable``
    it holds what the server left there last time, and shall stand a power failure. ``sockets`` is
    a fresh folder with a short path, for Unix sockets; ``cache`` outlives runs. ``env`` is the
    overlay that hides the user's own variables, ``variables`` what the compose file gives the
    service, references translated. ``notice`` says things once.
    """

    address: Address
    data: Path
    cache: Path
    env: Overlay
    variables: Mapping[str, str]
    processes: Processes
    notice: Callable[[Notice, str, str], None]
    sockets: Path
    durable: bool = False


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start the server.

    ``user`` is the numeric id to run as, ``None`` for who we are. ``ready`` ends with 0 once the
    server serves, for services that have no health check.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str | None] = field(default_factory=dict)
    user: int | None = None
    ready: tuple[str, ...] = ()


class Server(Protocol):
    """One service that a provider stands in for."""

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the container ports that the image serves."""

    @property
    def command(self) -> str:
        """Return what will run, for people."""

    @property
    def changes(self) -> tuple[str, ...]:
        """Return what differs from the image, each with its cause."""

    @property
    def stop_signal(self) -> str:
        """Return the signal that ends it fastest, its data being thrown away."""

    @property
    def clean_signal(self) -> str:
        """Return the signal that ends it with all of its data on disk."""

    def clients(self) -> tuple[Path, ...]:
        """Return folders of client programs for health checks and scripts."""

    def client_env(self, address: Address, sockets: Path, /) -> Mapping[str, str]:
        """Return what health checks see beside the service's variables.

        ``sockets`` is as in :class:`Place`.
        """

    async def launch(self, place: Place) -> Launch:
        """Prepare its data and return how to start it.

        Raises ``RuntimeMissing`` where a program is missing, ``EnvironmentFailure`` where the
        preparation failed.
        """


class Provider(Protocol):
    """Stands in for a family of images."""

    @property
    def name(self) -> str:
        """Return the provider's name."""

    def serves(self, image: ImageRef) -> bool:
        """Return whether it stands in for ``image``."""

    def serve(self, asked: Asked) -> Server:
        """Return the server for a service. Raises ``Refused``, ``ConfigError``; starts nothing."""
