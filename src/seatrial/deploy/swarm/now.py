"""What is there before a deployment, and what runs after it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.deploy.model import Ran
from seatrial.deploy.swarm.cluster import Cluster
from seatrial.deploy.swarm.facts import Node, Service, Task, not_there
from seatrial.errors import EnvironmentFailure


@dataclass(frozen=True, slots=True)
class Now:
    """The stack's services with their tasks, the nodes, and the id of the one that was asked."""

    here: str
    nodes: tuple[Node, ...]
    services: Mapping[str, Service]
    tasks: Mapping[str, tuple[Task, ...]]

    @property
    def home(self) -> str:
        """Return the node on which data is put that has no place yet: this one, if it works."""
        working = [node.id for node in self.nodes if node.takes_tasks]
        return self.here if self.here in working else working[0]

    def place_of(self, key: str) -> str:
        """Return the id of the node that a service runs on, with its data; empty if it does not.

        Raises ``EnvironmentFailure`` where it runs on several: each has data of its own.
        """
        nodes = self.places(key)
        if len(nodes) > 1:
            raise EnvironmentFailure(
                f"{key} has data on {len(nodes)} nodes: {', '.join(node.name for node in nodes)}",
                mend=f"say in deploy.placement.constraints of {key} which one it is to run on",
            )
        return nodes[0].id if nodes else ""

    def places(self, key: str) -> tuple[Node, ...]:
        """Return the nodes that a service runs on."""
        names = {task.node for task in self.tasks.get(key, ()) if task.runs}
        return tuple(node for node in self.nodes if {node.id, node.name} & names)

    def running(self, key: str) -> int:
        """Return how many tasks of a service run."""
        return sum(task.runs for task in self.tasks.get(key, ()))

    def at_work(self, key: str) -> bool:
        """Return whether a job has begun and not come to its end."""
        return any(task.at_work for task in self.tasks.get(key, ()))

    def done(self, key: str) -> bool:
        """Return whether a job ended well."""
        tasks = self.tasks.get(key, ())
        return not self.at_work(key) and any(task.state == "Complete" for task in tasks)

    def ran(self) -> tuple[Ran, ...]:
        """Return what runs; jobs come and go and are left out."""
        return tuple(
            Ran(key, service.image, self.running(key))
            for key, service in self.services.items()
            if not service.is_job
        )


async def look(cluster: Cluster) -> Now:
    """Return what is there. Raises ``EnvironmentFailure`` where nothing can be started at all."""
    here = await cluster.here()
    nodes, services = await asyncio.gather(cluster.nodes(), cluster.services())
    if not any(node.takes_tasks for node in nodes):
        raise not_there(nodes)
    return Now(here, nodes, services, await cluster.tasks(services.values()))


async def ran(cluster: Cluster) -> tuple[Ran, ...]:
    """Return what runs now."""
    services = await cluster.services()
    return Now("", (), services, await cluster.tasks(services.values())).ran()
