"""The seam between a plan and the way in which its services are kept apart.

*translate* gives each service a loopback address of its own and rewrites what names a sibling;
*namespaces* (a later file) would give each one a network of its own and rewrite nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Wanted:
    """A service that needs a place: its ports inside, and all names that siblings call it by."""

    service: str
    ports: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service is reached; ``ports`` maps a container port to the one in use.

    ``fixed`` are the container ports whose host port the compose file itself says.
    """

    host: str
    ports: Mapping[int, int] = field(default_factory=dict)
    fixed: frozenset[int] = frozenset()

    def port(self, container: int) -> int:
        """Return the port in use for ``container``."""
        return self.ports.get(container, container)

    @property
    def moved(self) -> Mapping[int, int]:
        """Return the ports that differ from the container's."""
        return {inside: used for inside, used in self.ports.items() if inside != used}


@dataclass(frozen=True, slots=True)
class Dressed:
    """Command, health check and variables as the process gets them, with what was changed."""

    argv: tuple[str, ...]
    probe: tuple[str, ...]
    env: Mapping[str, str]
    changes: tuple[str, ...] = ()
    unmoved: tuple[int, ...] = ()


class Site(Protocol):
    """The places of one environment's services."""

    @property
    def addresses(self) -> Mapping[str, Address]:
        """Return the address of each service."""

    def dress(
        self, service: str, argv: Sequence[str], probe: Sequence[str], env: Mapping[str, str]
    ) -> Dressed:
        """Return what the service must be started with to live at its address."""

    def holds(self, pids: Iterable[int]) -> None:
        """Say which processes live here, so that the place stays taken while one of them does."""

    def close(self, *, empty: bool = True) -> None:
        """Give the places back; not ``empty`` where processes live on in them."""


class Isolation(Protocol):
    """A way to keep services apart."""

    def preview(self, wanted: Sequence[Wanted]) -> Site:
        """Return a site that stands for one chosen at the start; takes nothing."""

    def open(self, wanted: Sequence[Wanted]) -> Site:
        """Take places that nobody else has. Raises ``EnvironmentFailure`` where there is none."""
