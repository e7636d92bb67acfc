"""What a Swarm says of itself: nodes, services, tasks. Asks, changes nothing."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.deploy.swarm.facts import Node, Service, Task, essence
from seatrial.deploy.swarm.stack import NAMESPACE
from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.docker.cli import Docker, failure

# Seconds for an answer.
PATIENCE = 60.0
# What the engine says of a service or a task that is not there, or not any more.
_ABSENT = re.compile(r"no such (service|task)|(service|task) \S+ not found", re.IGNORECASE)
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
        """Return one service of the stack by its name in the compose file.

        Raises ``EnvironmentFailure`` where the Swarm does not answer: that it is gone is another
        thing.
        """
        said = await self._said("service", "inspect", f"{self.stack}_{key}")
        found = json.loads(said or "[]")
        return self._service(found[0]) if found else None

    async def tasks(self, services: Iterable[Service]) -> Mapping[str, tuple[Task, ...]]:
        """Return the tasks of each service, its newest first."""
        wanted = list(services)
        found = await asyncio.gather(*(self._tasks(one.id) for one in wanted))
        return {one.key: tasks for one, tasks in zip(wanted, found, strict=True)}

    async def fresh(self, service: Service, tasks: Iterable[Task]) -> int:
        """Return how many of ``tasks`` run and are made of what the service says now."""
        facts = await self._facts(task.id for task in tasks if task.runs)
        wanted = essence(service.template)
        return sum(essence(one["Spec"]) == wanted for one in facts)

    async def over(self, tasks: Iterable[Task]) -> bool:
        """Return whether the containers of ``tasks`` have ended, also of a service that is gone."""
        facts = await self._facts(task.id for task in tasks)
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
        said = await self._said(*words)
        return tuple(
            Task(
                id=one["ID"],
                name=one["Name"],
                node=one["Node"],
                wanted=one["DesiredState"],
                state=one["CurrentState"].partition(" ")[0],
                error=one["Error"].strip('"'),
            )
            for one in _lines(said)
        )

    async def _facts(self, tasks: Iterable[str]) -> list[dict[str, Any]]:
        ids = list(tasks)
        said = await self._said("inspect", "--type", "task", *ids) if ids else ""
        facts: list[dict[str, Any]] = json.loads(said or "[]")
        return facts

    async def _said(self, *words: str) -> str:
        """Return what ``docker`` says of what may be gone. Raises ``EnvironmentFailure``."""
        done = await self.docker.run(*words, timeout=PATIENCE)
        if not done.ok and not _ABSENT.search(done.err):
            raise failure("the Swarm does not answer", done)
        return done.out


def _lines(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]
