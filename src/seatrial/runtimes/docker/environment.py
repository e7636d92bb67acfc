"""An environment that is up on a Docker engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seatrial.host.ledger import Ledger
from seatrial.host.processes import Completed
from seatrial.model.environment import Endpoint, EnvironmentRequest, LogLine
from seatrial.runtimes.docker import leftovers
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.containers import Container
from seatrial.runtimes.docker.logs import log_lines


@dataclass(frozen=True, slots=True)
class DockerEnvironment:
    """Its containers as they stood when all were ready; ``gone`` is told once none is left."""

    request: EnvironmentRequest
    endpoints: tuple[Endpoint, ...]
    exports: Mapping[str, str]
    containers: Sequence[Container]
    docker: Docker
    ledger: Ledger
    gone: Callable[[], None]

    def mark(self, at: float) -> None:
        """Do nothing: the engine keeps a time with every line."""

    async def logs(self, since: float | None = None, tail: int = 200) -> tuple[LogLine, ...]:
        """Return the newest ``tail`` log lines of each service from ``since`` (epoch) on."""
        by_service: dict[str, list[str]] = {}
        for one in self.containers:
            by_service.setdefault(one.service, []).append(one.id)
        found = await asyncio.gather(
            *(self._of_service(name, ids, since, tail) for name, ids in by_service.items())
        )
        return tuple(line for lines in found for line in lines)

    async def ask(self, service: str, argv: Sequence[str], text: str) -> Completed:
        """Run ``argv`` in a container of ``service`` with ``text`` as its input."""
        (one, *_) = (one.id for one in self.containers if one.service == service)
        return await self.docker.run("exec", "-i", one, *argv, input=text)

    async def remove(self) -> None:
        """Leave nothing. Raises ``EnvironmentFailure`` where something stays."""
        known = [one.id for one in self.containers]
        await leftovers.remove(self.docker, self.request.project, self.request.run, known)
        self.ledger.done("engine", self.request.project)
        self.gone()

    def keep(self) -> None:
        """Let it outlive this run: the engine needs nobody of ours for that."""
        self.ledger.keep()

    async def _of_service(
        self, service: str, ids: Sequence[str], since: float | None, tail: int
    ) -> tuple[LogLine, ...]:
        words = ["logs", "--timestamps", "--tail", str(tail)]
        if since is not None:
            words += ["--since", f"{since:.6f}"]
        done = await asyncio.gather(*(self.docker.run(*words, id) for id in ids))
        # What the CLI says of a container that is gone is no line of the service.
        outputs = [text for one in done if one.ok for text in (one.out, one.err)]
        return log_lines(service, outputs, tail)
