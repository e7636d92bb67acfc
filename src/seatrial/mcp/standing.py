"""Tools about environments that stand: dev, and test by hand. Never prod (ADR 0159)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from seatrial.events import from_json
from seatrial.mcp.tool import (
    Answer,
    Arguments,
    Desk,
    Name,
    Runtime,
    Tool,
    as_text,
    bounded,
    document,
    hints,
    refused,
)
from seatrial.render.steps import service_text, step_text


class EnvironmentArguments(Arguments):
    """Which environment."""

    environment: Literal["dev", "test"] = "dev"


class UpArguments(EnvironmentArguments):
    """What to bring up."""

    services: list[Name] = Field([], description="only these and what they need")
    runtime: Runtime | None = Field(None, description="remembered until down")
    timeout: float | None = Field(None, gt=0, description="seconds until all is ready")


class LogsArguments(EnvironmentArguments):
    """Which lines."""

    services: list[Name] = Field([], description="only these services")
    tail: int = Field(50, ge=1, le=500, description="newest lines of each service")
    since: str = Field("", description="10m, 2h, or a time in ISO 8601")
    grep: str = Field("", description="only lines that hold this text")


class ServiceAnswer(BaseModel):
    """A service as it is now; ``good`` says whether that is as it should be."""

    service: str
    state: str
    health: str = ""
    code: int | None = None
    good: bool
    addresses: list[str] = []


class StandingAnswer(BaseModel):
    """The services of an environment."""

    v: int
    environment: str
    runtime: str = ""
    services: list[ServiceAnswer] = []


async def _up(desk: Desk, given: UpArguments) -> Answer:
    words = ["up", given.environment, *given.services, "--output=json"]
    words += [f"--runtime={given.runtime}"] if given.runtime else []
    words += [f"--timeout={given.timeout}"] if given.timeout else []
    done = 0

    async def heard(line: str) -> None:
        nonlocal done
        if (said := _step(line)) is not None:
            done += 1
            await desk.progress(done, None, said)

    ended = await desk.calls.call(words, heard)
    return refused(ended) if ended.code else await _ps(desk, given)


async def _down(desk: Desk, given: EnvironmentArguments) -> Answer:
    ended = await desk.calls.call(["down", given.environment])
    return refused(ended) if ended.code else Answer(bounded("\n".join(ended.out)))


async def _ps(desk: Desk, given: EnvironmentArguments) -> Answer:
    ended = await desk.calls.call(["ps", given.environment, "--json"])
    found = document(ended, StandingAnswer)
    return refused(ended) if found is None else Answer(as_text(found), found)


async def _logs(desk: Desk, given: LogsArguments) -> Answer:
    words = ["logs", given.environment, *given.services, f"--tail={given.tail}"]
    words += [f"--since={given.since}"] if given.since else []
    words += [f"--grep={given.grep}"] if given.grep else []
    ended = await desk.calls.call(words)
    if ended.code:
        return refused(ended)
    return Answer(bounded("\n".join(ended.out)) or "no such line")


def _step(line: str) -> str | None:
    try:
        event = from_json(line)
    except ValueError:
        return None
    return service_text(event) or step_text(event)


TOOLS = (
    Tool(
        "up",
        "Bring an environment up",
        "Bring dev up (or test, to poke at), and wait until all of it is ready. What runs "
        "unchanged is left alone. `test` needs none of this: it boots its own.",
        UpArguments,
        _up,
        StandingAnswer,
        hints(reaches_out=True),
    ),
    Tool(
        "down",
        "Take an environment down",
        "Take dev or test down. The named volumes of dev stay; those of test go.",
        EnvironmentArguments,
        _down,
        hints=hints(destroys=True),
    ),
    Tool(
        "ps",
        "Services of an environment",
        "Show each service of dev or test: state, health, addresses.",
        EnvironmentArguments,
        _ps,
        StandingAnswer,
        hints(reads=True),
    ),
    Tool(
        "logs",
        "Logs of an environment",
        "Show what the services of dev or test wrote. Logs of a failed test are in its failure.",
        LogsArguments,
        _logs,
        hints=hints(reads=True),
    ),
)
