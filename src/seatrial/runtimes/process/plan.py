"""A compose project to what each service runs as a process: pure data, a cause on each change."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.composefile.model import (
    ComposeProject,
    ComposeService,
    Dependency,
    Healthcheck,
    Port,
)
from seatrial.errors import Refused, Where
from seatrial.model.environment import ServiceDetail
from seatrial.model.redact import Redactor, secret_values
from seatrial.runtimes.process.isolation.base import Dressed, Site, Wanted
from seatrial.runtimes.process.keys import refuse
from seatrial.runtimes.process.paths import Layout
from seatrial.runtimes.process.providers.base import Server
from seatrial.runtimes.process.stages import Needed

# Compose's own, https://docs.docker.com/reference/dockerfile/#healthcheck
_INTERVAL, _TIMEOUT, _RETRIES, _START_PERIOD = 30.0, 30.0, 3, 0.0


@dataclass(frozen=True, slots=True)
class Probe:
    """A health check. ``argv`` is what runs; the times are seconds."""

    argv: tuple[str, ...]
    where: Where
    interval: float = _INTERVAL
    timeout: float = _TIMEOUT
    retries: int = _RETRIES
    start_period: float = _START_PERIOD

    @property
    def patience(self) -> float:
        """Return after how many seconds Compose would call the service unhealthy."""
        return self.start_period + self.retries * self.interval


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """How one service runs. ``argv`` and ``env`` still name siblings as the file does.

    ``ports`` are all that are known, ``awaited`` those whose listening means that it has started.
    A ``server`` is launched by its provider; else ``argv`` runs in ``layout`` with the programs
    of ``toolchain``, once ``builds`` are there. ``folders`` are made and ``files`` written before.
    ``data`` is where a server keeps what outlives it, ``None`` where its data is fresh each time.
    """

    name: str
    where: Where
    how: str
    argv: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)
    env: Mapping[str, str] = field(default_factory=dict)
    probe: Probe | None = None
    ports: tuple[int, ...] = ()
    awaited: tuple[int, ...] = ()
    published: tuple[Port, ...] = ()
    names: tuple[str, ...] = ()
    depends_on: Mapping[str, Dependency] = field(default_factory=dict)
    one_shot: bool = False
    restarts: bool = False
    toolchain: Path | None = None
    builds: tuple[Needed, ...] = ()
    server: Server | None = None
    stop_signal: str = "SIGTERM"
    data: Path | None = None
    folders: tuple[Path, ...] = ()
    files: tuple[tuple[Path, str], ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def wanted(self) -> Wanted:
        """Return what it needs of an isolation."""
        return Wanted(self.name, self.ports, self.names)

    def dressed(self, site: Site) -> Dressed:
        """Return command, health check and variables as they are at ``site``."""
        probe = self.probe.argv if self.probe else ()
        return site.dress(self.name, self.argv, probe, self.env)

    def detail(self, site: Site) -> ServiceDetail:
        """Return the line of a dry run."""
        dressed = self.dressed(site)
        command = self.server.command if self.server else shlex.join(dressed.argv)
        command, *changes = self.redacted((command, *self.changes, *dressed.changes))
        return ServiceDetail(self.name, self.how, command, tuple(changes))

    def redacted(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return ``texts`` without the secrets that the service's variables and command hold."""
        secrets = secret_values({**self.env, "": " ".join(self.argv)})
        return tuple(map(Redactor(secrets, self.names), texts))


def probe_of(service: ComposeService, image: Healthcheck | None) -> Probe | None:
    """Return the health check in force, its ``test`` still in the container's words.

    What the compose file does not say comes from the image, then from Compose's defaults.
    """
    own = service.healthcheck
    if own is not None and (own.disable or own.test[:1] == ("NONE",)):
        return None
    sources = [check for check in (own, image) if check is not None]
    test = next((check.test for check in sources if check.test), ())
    if not test or test[0] == "NONE":
        return None
    argv = test[1:] if test[0] == "CMD" else ("sh", "-c", test[-1])

    def first(values: Sequence[float | None], default: float) -> float:
        return next((value for value in values if value is not None), default)

    return Probe(
        argv,
        next(check.where for check in sources if check.test),
        first([c.interval for c in sources], _INTERVAL),
        first([c.timeout for c in sources], _TIMEOUT),
        int(first([c.retries for c in sources], _RETRIES)),
        first([c.start_period for c in sources], _START_PERIOD),
    )


def names_of(service: ComposeService, project: ComposeProject) -> tuple[str, ...]:
    """Return every name that a sibling may call ``service`` by."""
    names = [service.name, service.container_name, service.hostname]
    for aliases in service.networks.values():
        names.extend(aliases)
    for other in project.services.values():
        for link in other.links:
            target, colon, alias = link.partition(":")
            if colon and target == service.name:
                names.append(alias)
    return tuple(dict.fromkeys(name for name in names if name))


def depends_on(service: ComposeService) -> dict[str, Dependency]:
    """Return what ``service`` waits for; a link means a plain dependency."""
    links = (link.partition(":")[0] for link in service.links)
    return {**{name: Dependency(name) for name in links}, **service.depends_on}


def one_shots(project: ComposeProject) -> frozenset[str]:
    """Return the services that somebody waits for to end."""
    return frozenset(
        dependency.service
        for service in project.services.values()
        for dependency in service.depends_on.values()
        if dependency.condition == "service_completed_successfully"
    )


def check_keys(service: ComposeService, *, replaced: bool) -> None:
    """Raise ``Refused`` for a key that needs a container, unless a command replaces the service."""
    if not replaced:
        refuse(service)


def all_refusals(errors: Sequence[Refused]) -> Refused:
    """Return one error for all that was refused, the first one's words in front."""
    first, *others = errors
    if not others:
        return first
    detail = tuple(f"also {error}" for error in others)
    return Refused(first.what, where=first.where, mend=first.mend, detail=detail)
