"""Which engine the ``docker`` CLI reaches, what it can do, and where its ports are reached."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from seatrial.errors import EnvironmentFailure
from seatrial.events import RuntimeReason
from seatrial.host import docker_home
from seatrial.host.processes import Overlay, Processes
from seatrial.host.vantage import Vantage, socket_owner, vantage
from seatrial.runtimes.docker.api import Api
from seatrial.runtimes.docker.cli import compose_words

# A socket that exists gets this many seconds to answer.
ANSWER_TIMEOUT = 5.0
# `!override`, `ps --format json` and start_interval all work from here on.
OLDEST_COMPOSE = (2, 26)
# Engine 25: https://docs.docker.com/reference/api/engine/version-history/#v144-api-changes
START_INTERVAL_API = (1, 44)
HOST_VARIABLE = "SEATRIAL_ENGINE_HOST"
_CONTEXT = "context:"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answered.

    ``word`` is how a later process reaches the same one (see :func:`overlay`), ``reach`` the host
    at which published ports are found, ``visible`` whether the containers' processes are seen in
    this machine's ``/proc``.
    """

    version: str
    api: tuple[int, ...]
    compose: str
    word: str
    reach: str
    visible: bool = False

    @property
    def has_start_interval(self) -> bool:
        """Return whether health checks may run faster while a container starts."""
        return self.api >= START_INTERVAL_API


@dataclass(frozen=True, slots=True)
class NoEngine:
    """Why there is none that would do; ``detail`` is what the CLI said, or a version."""

    why: RuntimeReason
    detail: str = ""


async def ask(processes: Processes) -> Engine | NoEngine:
    """Return the engine that the ``docker`` CLI reaches, whatever its context or host."""
    if processes.find("docker") is None:
        return NoEngine(RuntimeReason.NO_CLI)
    api = Api(processes, {})
    version = (*compose_words(processes.environment), "version", "--short")
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT):
            server, compose = await asyncio.gather(_facts(api), processes.run(version))
            address = await api.address()
    except TimeoutError:
        return NoEngine(RuntimeReason.ENGINE_SILENT)
    if isinstance(server, EnvironmentFailure):
        return NoEngine(RuntimeReason.NO_ENGINE, " ".join(server.detail) or server.what)
    found = compose.out.strip().removeprefix("v")
    if not compose.ok or not numbers(found):
        return NoEngine(RuntimeReason.NO_COMPOSE, _last_line(compose.err))
    if numbers(found) < OLDEST_COMPOSE:
        return NoEngine(RuntimeReason.COMPOSE_TOO_OLD, found)
    here = vantage()
    owner = _owner(address)
    return Engine(
        version=str(server.get("Version", "")),
        api=numbers(str(server.get("ApiVersion", ""))),
        compose=found,
        word=word(processes.environment, docker_home.context(processes.environment)),
        reach=reach(address, processes.environment, here, owner),
        visible=bool(owner) and server.get("KernelVersion") == here.kernel,
    )


def numbers(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version: ``2.40.3-desktop.1`` gives ``(2, 40, 3)``."""
    match = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def word(environment: Mapping[str, str], context: str) -> str:
    """Return the word that names an engine in the ledger."""
    if environment.get("DOCKER_HOST"):
        return environment["DOCKER_HOST"]
    return "" if context == "default" else _CONTEXT + context


def overlay(word: str) -> Overlay:
    """Return the variables with which the CLI reaches the engine of ``word``."""
    if not word:
        return {"DOCKER_HOST": None, "DOCKER_CONTEXT": "default"}
    if word.startswith(_CONTEXT):
        return {"DOCKER_HOST": None, "DOCKER_CONTEXT": word.removeprefix(_CONTEXT)}
    return {"DOCKER_HOST": word}


def reach(address: str, environment: Mapping[str, str], here: Vantage, owner: int | None) -> str:
    """Return the host at which the engine's published ports are reached from here. Pure.

    ``address`` is the engine's (``unix://``, ``tcp://``, ``ssh://``, ``npipe://``), ``owner`` the
    pid behind its socket as far as it is seen: 0 in a container means that the socket was mounted
    from the machine around it, which is then the gateway.
    """
    said = environment.get(HOST_VARIABLE)
    if said:
        return said
    parts = urlsplit(address)
    if parts.scheme in ("tcp", "ssh", "http", "https") and parts.hostname:
        local = parts.hostname in ("localhost", "::1") or parts.hostname.startswith("127.")
        return "localhost" if local else parts.hostname
    if here.in_container and owner == 0 and here.gateway:
        return here.gateway
    return "localhost"


async def _facts(api: Api) -> Mapping[str, Any] | EnvironmentFailure:
    try:
        return await api.facts()
    except EnvironmentFailure as error:
        return error


def _owner(address: str) -> int | None:
    parts = urlsplit(address)
    return socket_owner(Path(parts.path)) if parts.scheme == "unix" else None


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
