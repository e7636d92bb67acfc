"""Nodes, services and tasks of a Swarm, as its CLI tells of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.deploy.swarm.stack import DEPLOYMENT, MADE_OF, PINNED
from seatrial.errors import EnvironmentFailure

# Nanoseconds that Swarm gives a container to end where nothing else is said.
_USUAL_GRACE = 10_000_000_000
_ENDED_BADLY = ("Failed", "Rejected", "Orphaned")


@dataclass(frozen=True, slots=True)
class Node:
    """A machine of the Swarm. ``state`` is Ready or Down, ``use`` Active, Pause or Drain."""

    id: str
    name: str
    state: str
    use: str

    @property
    def takes_tasks(self) -> bool:
        """Return whether something can be started there."""
        return self.state == "Ready" and self.use == "Active"


@dataclass(frozen=True, slots=True)
class Task:
    """One container that a service has, had, or is to have. ``error`` is Swarm's own sentence."""

    id: str
    name: str
    node: str
    wanted: str
    state: str
    error: str = ""

    @property
    def runs(self) -> bool:
        """Return whether it is up, and healthy where it has a check."""
        return self.wanted == "Running" and self.state == "Running"

    @property
    def failed(self) -> bool:
        """Return whether it ended badly."""
        return self.state in _ENDED_BADLY

    @property
    def ended(self) -> bool:
        """Return whether it ended without being told to.

        A container that ends with 0 once its health check has failed is "Complete" to a Swarm.
        """
        return self.failed or self.state == "Complete"


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the stack, as it is declared now; ``key`` is its name in the compose file."""

    key: str
    id: str
    facts: Mapping[str, Any]

    @property
    def template(self) -> Mapping[str, Any]:
        """Return what its tasks are made of."""
        found: Mapping[str, Any] = self.facts["Spec"]["TaskTemplate"]
        return found

    @property
    def previous(self) -> Mapping[str, Any] | None:
        """Return what its tasks were made of before its last update."""
        before = self.facts.get("PreviousSpec")
        return before["TaskTemplate"] if before else None

    @property
    def version(self) -> int:
        """Return a number that grows with each change."""
        return int(self.facts["Version"]["Index"])

    @property
    def image(self) -> str:
        """Return its image, with the digest where it was pinned."""
        return image_of(self.template)

    @property
    def update(self) -> str:
        """Return how far its last update is: empty, updating, completed, rollback_completed, …"""
        return str((self.facts.get("UpdateStatus") or {}).get("State") or "")

    @property
    def message(self) -> str:
        """Return what Swarm says of that update."""
        return str((self.facts.get("UpdateStatus") or {}).get("Message") or "")

    @property
    def replicas(self) -> int | None:
        """Return how many tasks it is to have; ``None`` for a job, or for one on each node."""
        count = (self.facts["Spec"]["Mode"].get("Replicated") or {}).get("Replicas")
        return None if count is None else int(count)

    @property
    def is_job(self) -> bool:
        """Return whether its tasks are to end."""
        return not self.facts["Spec"]["Mode"].keys() & {"Replicated", "Global"}

    @property
    def made_of(self) -> str:
        """Return the mark of what it was deployed from."""
        return self._label(MADE_OF)

    @property
    def deployment(self) -> str:
        """Return the id of the deployment that changed it last."""
        return self._label(DEPLOYMENT)

    @property
    def pinned(self) -> str:
        """Return the id of the node where its data is."""
        return self._label(PINNED)

    def _label(self, name: str) -> str:
        return str((self.facts["Spec"].get("Labels") or {}).get(name, ""))


def essence(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of ``template`` makes tasks new when it changes.

    What a service says is shown with Swarm's defaults, what a task or an earlier service says is
    not: they are left out, so that both compare.
    """
    container = dict(template["ContainerSpec"])
    if container.get("StopGracePeriod") == _USUAL_GRACE:
        del container["StopGracePeriod"]
    resources = {k: v for k, v in (template.get("Resources") or {}).items() if v}
    return {
        "container": {
            key: value for key, value in container.items() if value not in (None, {}, [])
        },
        "resources": resources,
        "forced": template.get("ForceUpdate") or 0,
    }


def image_of(template: Mapping[str, Any]) -> str:
    """Return the image of what tasks are made of."""
    return str(template["ContainerSpec"].get("Image", ""))


def not_there(nodes: Iterable[Node]) -> EnvironmentFailure:
    """Return the error for a Swarm on which nothing can be started."""
    listed = ", ".join(f"{node.name} {node.state}/{node.use}".lower() for node in nodes)
    return EnvironmentFailure(
        f"no node of the Swarm takes work: {listed}",
        mend="bring one back, or `docker node update --availability active NODE`",
    )
