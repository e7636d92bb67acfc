"""Why a service did not come up, in words that lead on."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable

from seatrial.errors import EnvironmentFailure
from seatrial.runtimes.process.health import Unhealthy
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.listening import listeners, on_all_interfaces
from seatrial.runtimes.process.plan import ServicePlan
from seatrial.runtimes.process.service import RunningService

_IN_USE = re.compile(r"address already in use|EADDRINUSE|Address in use", re.IGNORECASE)
_UNKNOWN_NAME = re.compile(
    r"could not translate host name|Name or service not known|getaddrinfo|ENOTFOUND|"
    r"Temporary failure in name resolution|nodename nor servname"
)
_DOCKER = "use --runtime docker"


def exited(service: RunningService, code: int, siblings: Iterable[RunningService]) -> Exception:
    """Return the error for a service that ended before it was ready."""
    lines = service.plan.redacted(service.log.last())
    text = "\n".join(lines)
    if _IN_USE.search(text) and (clash := _clash(service, lines, siblings)) is not None:
        return clash
    mend = "see its last lines below"
    if _UNKNOWN_NAME.search(text):
        mend = (
            "it looks a sibling up by name; let it read the host from a variable that the compose "
            f"file sets, or {_DOCKER}"
        )
    return EnvironmentFailure(
        f"service {service.plan.name} {_ended(code)} before it was ready",
        where=service.plan.where,
        mend=mend,
        detail=lines,
    )


def stuck(plan: ServicePlan, port: int, address: Address) -> EnvironmentFailure:
    """Return the error for a service that is to listen elsewhere and cannot be told so."""
    if port in address.fixed:
        used = address.port(port)
        return EnvironmentFailure(
            f"service {plan.name} is published on port {used}, and nothing tells its program to "
            f"listen there instead of on {port}",
            where=next((one.where for one in plan.published if one.target == port), plan.where),
            mend=f"let a variable or the command say the port (PORT={port}), or publish it as "
            f"{port}:{port}",
        )
    return EnvironmentFailure(
        f"port {port} of service {plan.name} cannot be had on this machine: a program "
        "listens to it on all interfaces, or it is below 1024 and takes root",
        where=plan.where,
        mend="let a variable or the command say the port (PORT), or end that program",
    )


def unhealthy(service: RunningService, error: Unhealthy) -> EnvironmentFailure:
    """Return the error for a service whose check kept failing."""
    return EnvironmentFailure(
        f"service {service.plan.name} is unhealthy: {error.failures} checks failed",
        where=error.probe.where,
        mend="run the check by hand, or give it more time with start_period",
        detail=_evidence(service),
    )


def late(service: RunningService) -> tuple[str, ...]:
    """Return the evidence of a service that is not ready when the time is up."""
    return tuple(f"{service.plan.name}: {line}" for line in _evidence(service))


def _evidence(service: RunningService) -> tuple[str, ...]:
    output = service.health.output
    check = ("last health check:", *(f"  {line}" for line in output)) if output else ()
    return service.plan.redacted((*service.log.last(), *check))


def _ended(code: int) -> str:
    if code >= 0:
        return f"exited with {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _clash(
    service: RunningService, lines: tuple[str, ...], siblings: Iterable[RunningService]
) -> EnvironmentFailure | None:
    port = _port_in_use(service)
    if port is None:
        return None
    name, mend = service.plan.name, f"let it read its address from a variable (HOST), or {_DOCKER}"
    for other in siblings:
        child = other.child
        if other is service or child is None or child.returncode is not None:
            continue
        if port in other.ports or port in on_all_interfaces(child.pid):
            return EnvironmentFailure(
                f"services {name} and {other.plan.name} clash: one binds port {port} on all "
                "interfaces by itself, whatever address it is given",
                where=service.plan.where,
                mend=mend,
                detail=lines,
            )
    return EnvironmentFailure(
        f"service {name} binds port {port} on all interfaces by itself, and another program has it",
        where=service.plan.where,
        mend=mend,
        detail=lines,
    )


def _port_in_use(service: RunningService) -> int | None:
    taken = {one.port for one in listeners() or ()}
    return next((p for p in service.ports if p in taken), None)
