"""``docker inspect`` of containers as data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.model.environment import Endpoint
from seatrial.runtimes.docker import labels

_ANY = ("", "0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Binding:
    """A container port on the engine's host; ``ip`` as the engine gives it."""

    port: int
    protocol: str
    ip: str
    host_port: int


@dataclass(frozen=True, slots=True)
class Container:
    """A container as it stood when it was inspected.

    ``test`` is the health check in force, its image's included; ``probe`` what its last run said.
    """

    id: str
    service: str
    number: int
    pid: int
    status: str
    exit_code: int
    oom: bool
    health: str
    test: tuple[str, ...]
    probe: str
    bindings: tuple[Binding, ...]


def container(facts: Mapping[str, Any]) -> Container:
    """Return one entry of ``docker inspect``."""
    state = facts.get("State") or {}
    config = facts.get("Config") or {}
    own = config.get("Labels") or {}
    health = state.get("Health") or {}
    test = tuple((config.get("Healthcheck") or {}).get("Test") or ())
    probes = health.get("Log") or []
    ports = (facts.get("NetworkSettings") or {}).get("Ports") or {}
    return Container(
        id=str(facts.get("Id", "")),
        service=own.get(labels.COMPOSE_SERVICE, ""),
        number=int(own.get(labels.COMPOSE_NUMBER) or 1),
        pid=int(state.get("Pid") or 0),
        status=str(state.get("Status", "")),
        exit_code=int(state.get("ExitCode") or 0),
        oom=bool(state.get("OOMKilled")),
        health=str(health.get("Status", "")),
        test=() if test[:1] == ("NONE",) else test,
        probe=str(probes[-1].get("Output", "")).strip() if probes else "",
        bindings=tuple(_bindings(ports)),
    )


def endpoints(containers: Iterable[Container], reach: str) -> tuple[Endpoint, ...]:
    """Return where each published port is reached; of several containers the first one's counts."""
    found: dict[tuple[str, int, str], Endpoint] = {}
    for one in sorted(containers, key=lambda c: (c.service, c.number)):
        for port, protocol in dict.fromkeys((b.port, b.protocol) for b in one.bindings):
            mine = [b for b in one.bindings if (b.port, b.protocol) == (port, protocol)]
            key = (one.service, port, protocol)
            if key not in found:
                host, number = _reached(mine, reach)
                found[key] = Endpoint(one.service, port, host, number, protocol)
    return tuple(found.values())


def _reached(bindings: list[Binding], reach: str) -> tuple[str, int]:
    """Return host and port: IPv4 first, by its number where IPv6 got another port."""
    four = [b for b in bindings if ":" not in b.ip]
    best = (four or bindings)[0]
    if best.ip not in _ANY and not best.ip.startswith("127.") and best.ip != "::1":
        return best.ip, best.host_port
    split = len({b.host_port for b in bindings}) > 1
    return ("127.0.0.1" if split and reach == "localhost" else reach), best.host_port


def _bindings(ports: Mapping[str, Any]) -> Iterable[Binding]:
    for name, found in ports.items():
        number, _, protocol = name.partition("/")
        for entry in found or ():
            if entry.get("HostPort"):
                yield Binding(
                    int(number), protocol or "tcp", entry.get("HostIp", ""), int(entry["HostPort"])
                )
