"""What is on the engine of an environment that stands, and whose it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.composefile.model import ComposeProject
from seatrial.errors import EnvironmentFailure
from seatrial.model.environment import EnvironmentRequest, ServiceState
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.containers import Container, container, endpoints
from seatrial.runtimes.docker.logs import parsed_stamp
from seatrial.runtimes.docker.waves import must_end

ROOT = "dev.seatrial.root"
ONE_OFF = "com.docker.compose.oneoff"
_WORKING_DIR = "com.docker.compose.project.working_dir"
_ENDED = ("exited", "dead")
# Seconds for a question to the engine.
_PATIENCE = 60.0
_NEVER = re.compile(r"0001-")


@dataclass(frozen=True, slots=True)
class Stood:
    """A container of the environment as it stood when it was looked at.

    ``owner`` is the folder of whoever made it: a repository's root, or (``by_hand``) the folder
    that ``docker compose`` was called for. ``started`` is the engine's own text.
    """

    container: Container
    name: str
    owner: str
    by_hand: bool
    policy: str
    restarts: int
    started: str

    @property
    def ended(self) -> bool:
        """Return whether it runs no more and will not come again by itself."""
        return self.container.status in _ENDED


class Look:
    """Looks at one environment's containers."""

    def __init__(self, docker: Docker, request: EnvironmentRequest) -> None:
        self._docker = docker
        self._request = request

    async def all(self) -> list[Stood]:
        """Return all containers of the compose project, whoever made them."""
        listed = await self._docker.asked(
            *("ps", "-aq", "--no-trunc"),
            *("--filter", f"label={labels.COMPOSE_PROJECT}={self._request.project}"),
            timeout=_PATIENCE,
        )
        facts = await self._docker.inspected("container", listed.split())
        found = [stood(one) for one in facts if not one_off(one)]
        return sorted(found, key=lambda one: (one.container.service, one.container.number))

    async def own(self) -> list[Stood]:
        """Return those that were made from this checkout."""
        return [one for one in await self.all() if self.is_own(one)]

    def is_own(self, stood: Stood) -> bool:
        """Return whether a container was made from this checkout, by us or by hand."""
        folder = self._request.files[0].absolute().parent
        mine = folder if stood.by_hand else self._request.root
        return not stood.owner or Path(stood.owner).resolve() == mine.resolve()

    def refuse_foreign(self, found: Iterable[Stood]) -> None:
        """Raise ``EnvironmentFailure`` where another checkout holds the project's name."""
        foreign = next((one for one in found if not self.is_own(one)), None)
        if foreign is None:
            return
        request, there = self._request, Path(foreign.owner)
        end = f"`seatrial -C {there} down {request.key}`"
        if foreign.by_hand or not there.is_dir():
            end = f"`docker compose -p {request.project} down`"
        raise EnvironmentFailure(
            f"the project {request.project} is up from another folder, {there}",
            mend=f"end it with {end}; or set COMPOSE_PROJECT_NAME and other ports in"
            f" {request.files[0].parent / '.env'}",
        )


def states(found: Iterable[Stood], project: ComposeProject, reach: str) -> tuple[ServiceState, ...]:
    """Return the rows of ``ps``: the services of the files in their order, then what else is there.

    Pure.
    """
    awaited = must_end(project)
    by_service: dict[str, list[Stood]] = {name: [] for name in project.services}
    for one in found:
        by_service.setdefault(one.container.service, []).append(one)
    rows: list[ServiceState] = []
    for name, ones in by_service.items():
        rows += [_state(one, project, awaited, reach) for one in ones]
        service = project.services.get(name)
        lacking = max((service.replicas if service else 0) - len(ones), 0)
        first = max((one.container.number for one in ones), default=0) + 1
        one_shot = name in awaited
        rows += [
            ServiceState(name, first + place, "missing", one_shot=one_shot)
            for place in range(lacking)
        ]
    return tuple(rows)


def ended_well(stood: Stood, project: ComposeProject, awaited: Iterable[str]) -> bool:
    """Return whether a container is a one-shot that did its work. Pure.

    It is one where somebody waits for its end, or where nothing restarts it and it has no port.
    """
    if not stood.ended or stood.container.exit_code != 0:
        return False
    service = project.services.get(stood.container.service)
    may_end = stood.policy in ("", "no", "on-failure") and not (service and service.ports)
    return stood.container.service in awaited or may_end


def _state(
    stood: Stood, project: ComposeProject, awaited: Iterable[str], reach: str
) -> ServiceState:
    one = stood.container
    return ServiceState(
        service=one.service,
        number=one.number,
        state=one.status,
        health=one.health if one.status == "running" else "",
        code=one.exit_code if stood.ended else None,
        started=None if _NEVER.match(stood.started) else parsed_stamp(stood.started),
        endpoints=endpoints([one], reach),
        one_shot=one.service in awaited or ended_well(stood, project, awaited),
    )


def _owner(own: Mapping[str, str]) -> str:
    """Return the folder that a container belongs to; none for a deployment's, which has no home."""
    deployed = ROOT not in own and labels.ENVIRONMENT in own
    return "" if deployed else own.get(ROOT) or own.get(_WORKING_DIR, "")


def one_off(facts: Mapping[str, Any]) -> bool:
    """Return whether ``docker inspect`` shows a container of ``docker compose run``. Pure."""
    own = (facts.get("Config") or {}).get("Labels") or {}
    return str(own.get(ONE_OFF, "")).lower() == "true"


def stood(facts: Mapping[str, Any]) -> Stood:
    """Return one entry of ``docker inspect``. Pure."""
    own = (facts.get("Config") or {}).get("Labels") or {}
    state = facts.get("State") or {}
    policy = (facts.get("HostConfig") or {}).get("RestartPolicy") or {}
    return Stood(
        container=container(facts),
        name=str(facts.get("Name", "")).lstrip("/"),
        owner=_owner(own),
        by_hand=ROOT not in own,
        policy=str(policy.get("Name") or ""),
        restarts=int(facts.get("RestartCount") or 0),
        started=str(state.get("StartedAt", "")),
    )


class Changes:
    """Tells that something happened to a project's containers; a stream of the engine's events."""

    _KINDS = ("create", "start", "die", "oom", "health_status", "destroy", "restart", "unpause")

    def __init__(self, docker: Docker, project: str) -> None:
        self._docker = docker
        self._project = project
        self.happened = asyncio.Event()

    async def __aenter__(self) -> Changes:
        self._child = await self._docker.processes.start(
            (
                *("docker", "events", "--format", "{{.Action}}"),
                *("--filter", f"label={labels.COMPOSE_PROJECT}={self._project}"),
                *("--filter", "type=container"),
                *(word for kind in self._KINDS for word in ("--filter", f"event={kind}")),
            ),
            env=self._docker.engine,
            on_line=lambda _: self.happened.set(),
            note="docker events",
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._child.end(0.0)
        self._docker.processes.forget(self._child)
