"""What is worth knowing of a container that failed, gathered before it is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from seatrial.composefile.model import ComposeService
from seatrial.errors import DeadlinePassed, EnvironmentFailure
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.containers import container
from seatrial.runtimes.docker.logs import log_lines
from seatrial.runtimes.docker.readiness import Unready, Waiting

_LOG_LINES = 20
_PROBE_LINES = 5
_PATIENCE = 10.0


async def failed(docker: Docker, unready: Unready) -> EnvironmentFailure:
    """Return the error for a service that will not become ready."""
    service = unready.service
    return EnvironmentFailure(
        f"service {service.name} {unready.what}",
        where=service.where,
        mend=f"see its log below, then {service.name}'s command, image and health check",
        detail=await _of_container(docker, service, unready.state.id),
    )


async def too_late(
    docker: Docker, key: str, seconds: float, left: Iterable[Waiting], unstarted: Iterable[str]
) -> DeadlinePassed:
    """Return the error for a boot that took too long; it names what was waited for."""
    waited = list(left)
    names = [f"{one.service.name} ({one.goal})" for one in waited]
    names += [f"{name} (not started: its dependencies are not ready)" for name in unstarted]
    found = await asyncio.gather(
        *(_of_container(docker, one.service, one.state.id) for one in waited)
    )
    return DeadlinePassed(
        f"{key} was not ready after {seconds:g} s: waited for {', '.join(names) or 'the engine'}",
        where=waited[0].service.where if waited else None,
        mend="raise boot-timeout in seatrial.toml, or see why the service is slow",
        detail=tuple(line for lines in found for line in lines),
    )


async def _of_container(docker: Docker, service: ComposeService, id: str) -> tuple[str, ...]:
    """Return the last log lines and the last health check's output."""
    try:
        async with asyncio.timeout(_PATIENCE):
            logs, facts = await asyncio.gather(
                docker.run("logs", "--timestamps", "--tail", str(_LOG_LINES), id),
                docker.inspected("container", [id]),
            )
    except (TimeoutError, EnvironmentFailure):
        return (f"{service.name}: the engine gave no log",)
    lines = log_lines(service.name, (logs.out, logs.err), _LOG_LINES)
    said = [f"{service.name} | {line.text}" for line in lines]
    probe = container(facts[0]).probe if facts else ""
    said += [f"{service.name} health check | {line}" for line in probe.splitlines()[-_PROBE_LINES:]]
    return tuple(said)
