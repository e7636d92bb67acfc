"""Nodes, services and tasks of a Swarm, as its CLI tells of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.deploy.swarm.stack import DEPLOYMENT, MADE_OF, PINNED
from seatrial.errors import EnvironmentFailure

# What Swarm writes where nothing was said.
_USUAL = {
    "StopGracePeriod": 10_000_000_000,
    "Delay": 5_000_000_000,
    "Condition": "any",
    "MaxAttempts": 0,
    "Runtime": "container",
    "ForceUpdate": 0,
}
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

    @property
    def at_work(self) -> bool:
        """Return whether it is to do something, and has not come to its end."""
        return not self.ended and self.wanted in ("Running", "Complete")


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the stack, as it is declared now; ``key`` is its name in the compose file."""

    key: str
    id: str
    facts: Mapping[str, Any]

    @property
    def spec(self) -> Mapping[str, Any]:
        """Return all that it is declared to be."""
        found: Mapping[str, Any] = self.facts["Spec"]
        return found

    @property
    def template(self) -> Mapping[str, Any]:
        """Return what its tasks are made of."""
        found: Mapping[str, Any] = self.spec["TaskTemplate"]
        return found

    @property
    def previous(self) -> Mapping[str, Any] | None:
        """Return what its tasks were made of before its last update."""
        before = self.facts.get("PreviousSpec")
        return before["TaskTemplate"] if before else None

    @property
    def image(self) -> str:
        """Return its image, with the digest where it was pinned."""
        return image_of(self.template)

    @property
    def update(self) -> str:
        """Return how far its last update is: empty, updating, completed, rollback_completed, …"""
        return str((self.facts.get("UpdateStatus") or {}).get("State") or "")

    @property
    def under_way(self) -> bool:
        """Return whether the Swarm replaces tasks of it now."""
        return self.update in ("updating", "rollback_started")

    @property
    def paused(self) -> bool:
        """Return whether the Swarm stopped half way, and does nothing more until it is told to."""
        return self.update in ("paused", "rollback_paused")

    @property
    def message(self) -> str:
        """Return what Swarm says of that update."""
        return str((self.facts.get("UpdateStatus") or {}).get("Message") or "")

    @property
    def replicas(self) -> int | None:
        """Return how many tasks it is to have; ``None`` for a job, or for one on each node."""
        return _replicas(self.spec)

    @property
    def replicas_before(self) -> int | None:
        """Return how many tasks it was to have before its last update."""
        return _replicas(self.facts.get("PreviousSpec") or {})

    @property
    def is_job(self) -> bool:
        """Return whether its tasks are to end."""
        return not self.spec["Mode"].keys() & {"Replicated", "Global"}

    @property
    def made_of(self) -> str:
        """Return the mark of what it was deployed from."""
        return self._label(MADE_OF)

    @property
    def deployment(self) -> str:
        """Return the id of the deployment that made it what it is declared to be."""
        return self._label(DEPLOYMENT)

    @property
    def deployment_before(self) -> str:
        """Return the id of the deployment that made it what it was before its last update."""
        return _label(self.facts.get("PreviousSpec") or {}, DEPLOYMENT)

    @property
    def pinned(self) -> str:
        """Return the id of the node where its data is."""
        return self._label(PINNED)

    def _label(self, name: str) -> str:
        return _label(self.spec, name)


def essence(template: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of ``template`` makes tasks new when it changes.

    What a service says is shown with Swarm's defaults, what a task says is not: they are left out,
    so that both compare. A task stays where its node is as good by another placement.
    """
    found: Mapping[str, Any] = _said({k: v for k, v in template.items() if k != "Placement"})
    return found


def _said(value: Any) -> Any:
    """Return ``value`` without what is empty or usual."""
    if isinstance(value, list):
        return [_said(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _said(item) for key, item in value.items() if _USUAL.get(key, "") != item}
    return {key: item for key, item in kept.items() if item not in (None, {}, [])}


def _label(spec: Mapping[str, Any], name: str) -> str:
    return str((spec.get("Labels") or {}).get(name, ""))


def _replicas(spec: Mapping[str, Any]) -> int | None:
    count = ((spec.get("Mode") or {}).get("Replicated") or {}).get("Replicas")
    return None if count is None else int(count)


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
