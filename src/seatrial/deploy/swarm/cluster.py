"""What a Swarm says of itself: nodes, services, tasks. Asks, changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.deploy.swarm.facts import Node, Service, Task, essence
from seatrial.deploy.swarm.stack import NAMESPACE
from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.docker.cli import Docker, failure

# Seconds for an answer.
PATIENCE = 60.0
_OVER = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Swarm behind an engine that is one of its managers."""

    docker: Docker
    stack: str

    async def here(self) -> str:
        """Return the id of the node that answers.

        Raises ``EnvironmentFailure`` where it is in no Swarm, or is no manager of one.
        """
        said = await self.docker.asked("info", "--format", "{{json .Swarm}}", timeout=PATIENCE)
        facts = json.loads(said)
        state = facts.get("LocalNodeState")
        if state != "active":
            raise EnvironmentFailure(
                "this engine is in no Swarm"
                if state in ("inactive", None, "")
                else f"this engine's Swarm is {state}",
                mend="make one of it (`docker swarm init`), or name a manager of yours"
                " (--context NAME, see `docker context ls`)",
            )
        if not facts.get("ControlAvailable"):
            managers = [str(one["Addr"]) for one in facts.get("RemoteManagers") or ()]
            raise EnvironmentFailure(
                "this engine is a worker of its Swarm, and only a manager takes deployments",
                mend=f"name a manager (--context NAME); there is {', '.join(managers) or 'none'}",
            )
        return str(facts["NodeID"])

    async def nodes(self) -> tuple[Node, ...]:
        """Return all nodes. Raises ``EnvironmentFailure``, as where most managers are gone."""
        done = await self.docker.run("node", "ls", "--format", "{{json .}}", timeout=PATIENCE)
        if not done.ok:
            error = failure("the Swarm does not answer", done)
            error.mend = "bring back its managers: more than half of them must be there"
            raise error
        return tuple(
            Node(one["ID"], one["Hostname"], one["Status"], one["Availability"])
            for one in _lines(done.out)
        )

    async def services(self) -> Mapping[str, Service]:
        """Return the services of the stack by their names in the compose file."""
        label = f"label={NAMESPACE}={self.stack}"
        ids = (await self.docker.asked("service", "ls", "-q", "--filter", label)).split()
        found = await self.docker.inspected("service", ids)
        services = [self._service(one) for one in found]
        return {service.key: service for service in services}

    async def service(self, key: str) -> Service | None:
        """Return one service of the stack by its name in the compose file."""
        found = await self.docker.inspected("service", [f"{self.stack}_{key}"])
        return self._service(found[0]) if found else None

    async def tasks(self, services: Iterable[Service]) -> Mapping[str, tuple[Task, ...]]:
        """Return the tasks of each service, its newest first."""
        wanted = list(services)
        found = await asyncio.gather(*(self._tasks(one.id) for one in wanted))
        return {one.key: tasks for one, tasks in zip(wanted, found, strict=True)}

    async def fresh(self, service: Service, tasks: Iterable[Task]) -> int:
        """Return how many of ``tasks`` run and are made of what the service says now."""
        running = [task.id for task in tasks if task.runs]
        done = await self.docker.run("inspect", "--type", "task", *running) if running else None
        facts = json.loads(done.out or "[]") if done is not None else []
        wanted = essence(service.template)
        return sum(essence(one["Spec"]) == wanted for one in facts)

    async def over(self, tasks: Iterable[Task]) -> bool:
        """Return whether the containers of ``tasks`` have ended, also of a service that is gone."""
        ids = [task.id for task in tasks]
        done = await self.docker.run("inspect", "--type", "task", *ids) if ids else None
        facts = json.loads(done.out or "[]") if done is not None else []
        return all(one["Status"]["State"] in _OVER for one in facts)

    async def logs(self, task: Task, lines: int = 20) -> tuple[str, ...]:
        """Return the last lines that a task wrote; none where its node does not answer."""
        words = ("service", "logs", "--raw", "--tail", str(lines), task.id)
        try:
            async with asyncio.timeout(10):
                done = await self.docker.run(*words)
        except TimeoutError:
            return ()
        said = (*done.out.splitlines(), *done.err.splitlines()) if done.ok else ()
        return tuple(line for line in said if line.strip())[-lines:]

    def _service(self, facts: Mapping[str, Any]) -> Service:
        key = str(facts["Spec"]["Name"]).removeprefix(f"{self.stack}_")
        return Service(key, facts["ID"], facts)

    async def _tasks(self, service: str) -> tuple[Task, ...]:
        words = ("service", "ps", "--no-trunc", "--format", "{{json .}}", service)
        done = await self.docker.run(*words)
        return tuple(
            Task(
                id=one["ID"],
                name=one["Name"],
                node=one["Node"],
                wanted=one["DesiredState"],
                state=one["CurrentState"].partition(" ")[0],
                error=one["Error"].strip('"'),
            )
            for one in _lines(done.out)
        )


def _lines(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]
