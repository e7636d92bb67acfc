"""``--runtime auto``: Docker where an engine answers, else processes; and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.errors import RuntimeMissing, UsageError
from seatrial.events import RuntimeReason

if TYPE_CHECKING:
    from seatrial.host.processes import Processes
    from seatrial.runtimes.docker.engine import Engine, NoEngine

AUTO, DOCKER, PROCESS = "auto", "docker", "process"

_MENDS = {
    RuntimeReason.NO_CLI: "install the docker CLI, or use `--runtime process`",
    RuntimeReason.NO_ENGINE: "start the engine, or use `--runtime process`",
    RuntimeReason.ENGINE_SILENT: "restart the engine, or use `--runtime process`",
    RuntimeReason.NO_COMPOSE: "install the Compose plugin 2.26 or newer, or use"
    " `--runtime process`",
    RuntimeReason.COMPOSE_TOO_OLD: "install Compose 2.26 or newer, or use `--runtime process`",
}
_WHATS = {
    RuntimeReason.NO_CLI: "there is no docker CLI on PATH",
    RuntimeReason.NO_ENGINE: "no Docker engine answers",
    RuntimeReason.ENGINE_SILENT: "the Docker engine did not answer within 5 s",
    RuntimeReason.NO_COMPOSE: "the docker CLI has no Compose plugin",
    RuntimeReason.COMPOSE_TOO_OLD: "Compose is older than 2.26",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """The runtime to use: its word, why, and what is known of the engine."""

    runtime: str
    why: RuntimeReason
    detail: str = ""
    engine: Engine | None = None


def without_asking(asked: str) -> Choice | None:
    """Return the choice that needs no engine's answer, ``None`` where one must be asked. Pure."""
    return Choice(PROCESS, RuntimeReason.ASKED) if asked == PROCESS else None


async def choose(asked: str, processes: Processes) -> Choice:
    """Return the runtime for ``asked`` (``auto``, ``docker`` or ``process``).

    Raises ``RuntimeMissing`` where Docker was asked for by name and cannot be had, ``UsageError``
    for another word.
    """
    if (settled := without_asking(asked)) is not None:
        return settled
    if asked not in (AUTO, DOCKER):
        raise UsageError(f"no runtime {asked!r}", mend="use auto, docker or process")
    from seatrial.runtimes.docker.engine import Engine, ask

    found = await ask(processes)
    if isinstance(found, Engine):
        why = RuntimeReason.ASKED if asked == DOCKER else RuntimeReason.ENGINE_ANSWERS
        return Choice(DOCKER, why, f"Engine {found.version}, Compose {found.compose}", found)
    if asked == DOCKER:
        raise missing(found)
    return Choice(PROCESS, found.why, found.detail)


def missing(found: NoEngine) -> RuntimeMissing:
    """Return the error for an engine that was asked for by name. Pure."""
    return RuntimeMissing(
        _WHATS[found.why],
        mend=_MENDS[found.why],
        detail=(found.detail,) if found.detail else (),
    )
