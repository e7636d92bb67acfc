"""What the plan of a deployment is made of: the services wanted, and the containers there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seatrial.composefile.model import ComposeProject
from seatrial.deploy.model import Ran
from seatrial.runtimes.docker.standing.look import Stood

_UP = ("running", "restarting")


@dataclass(frozen=True, slots=True)
class Placed:
    """A container of the project. ``image`` is the word that it was made from.

    ``same_image`` and ``same_config`` compare it with what is wanted now. ``nameless`` is where its
    volumes without a name are mounted: what they hold goes with the container. ``addresses`` are
    those that it has by its files, not by chance.
    """

    stood: Stood
    image: str
    digest: str
    same_image: bool
    same_config: bool
    nameless: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Return the engine's id of it."""
        return self.stood.container.id

    @property
    def current(self) -> bool:
        """Return whether it is as the files want it."""
        return self.same_image and self.same_config

    @property
    def runs(self) -> bool:
        """Return whether it serves, as far as the engine knows."""
        one = self.stood.container
        return one.status == "running" and one.health != "unhealthy"

    @property
    def is_up(self) -> bool:
        """Return whether it runs, well or not, or is about to run again."""
        return self.stood.container.status in _UP


@dataclass(frozen=True, slots=True)
class Survey:
    """All that there is to know before a plan is made.

    ``images`` are those wanted, with digests; ``placed`` the containers of each service, also of
    services that the files have no more; ``broken`` says which deployment was broken off.
    """

    project: ComposeProject
    images: Mapping[str, str]
    placed: Mapping[str, tuple[Placed, ...]]
    before: tuple[Ran, ...]
    broken: str = ""
    unresolved: Mapping[str, str] | None = None

    def of(self, service: str) -> tuple[Placed, ...]:
        """Return the containers of a service."""
        return self.placed.get(service, ())


def running(placed: Mapping[str, tuple[Placed, ...]], one_shots: frozenset[str]) -> tuple[Ran, ...]:
    """Return what runs, the newest image of each service where there are several; no one-shots."""
    found = []
    for name, ones in placed.items():
        up = [one for one in ones if one.is_up]
        if up and name not in one_shots:
            image = max(up, key=lambda one: one.stood.container.number)
            found.append(Ran(name, _with_digest(image), len(up)))
    return tuple(found)


def ran_before(old: Sequence[Placed], replicas: int) -> Sequence[Placed]:
    """Return those of ``old`` that ran, and are to run again: never two versions on the same data.

    Where none did, a deployment was broken off, and the first ones are what was there before it.
    """
    up = [one for one in old if one.is_up]
    return up or sorted(old, key=lambda one: one.stood.container.number)[:replicas]


def _with_digest(one: Placed) -> str:
    return one.image if "@" in one.image or not one.digest else f"{one.image}@{one.digest}"
