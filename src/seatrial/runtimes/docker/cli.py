"""The ``docker`` CLI and its Compose plugin, and the engine behind them, as data."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.errors import EnvironmentFailure
from seatrial.host import docker_home
from seatrial.host.processes import Completed, Overlay, Processes
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.docker.api import Api, path

# No colours, no hints, and nothing that the user's own shell settings would change.
_QUIET: Overlay = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_PROGRESS": "plain",
    "COMPOSE_STATUS_STDOUT": None,
    "COMPOSE_IGNORE_ORPHANS": "true",
    "COMPOSE_FILE": None,
    "COMPOSE_PROJECT_NAME": None,
    "DOCKER_CLI_HINTS": "false",
    "BUILDKIT_PROGRESS": "plain",
    "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
}


@dataclass(slots=True, eq=False)
class Docker:
    """The CLI as it talks to one engine; ``engine`` are the variables that say which.

    ``api`` asks the same engine without a program.
    """

    processes: Processes
    engine: Overlay
    api: Api = field(init=False)

    def __post_init__(self) -> None:
        self.api = Api(self.processes, self.engine)

    async def run(
        self,
        *words: str,
        timeout: float | None = None,
        env: Overlay | None = None,
        input: str | None = None,
    ) -> Completed:
        """Run ``docker`` with ``words`` to its end, whatever its code."""
        return await self.processes.run(
            ("docker", *words),
            env={**(env or {}), **_QUIET, **self.engine},
            timeout=timeout,
            input=input,
        )

    async def asked(self, *words: str, timeout: float | None = None) -> str:
        """Return what ``docker`` printed. Raises ``EnvironmentFailure`` where it failed."""
        done = await self.run(*words, timeout=timeout)
        if not done.ok:
            raise failure(f"docker {words[0]} failed", done)
        return done.out

    async def inspected(self, kind: str, names: Sequence[str]) -> list[dict[str, Any]]:
        """Return what the engine knows of those ``names`` of a ``kind`` that exist.

        A kind is a ``container``, an ``image``, a ``volume``, a ``network`` and so on. Raises
        ``EnvironmentFailure`` where the engine is gone.
        """
        asked = (self.api.ask("GET", path(kind, name)) for name in names)
        return [one.body for one in await asyncio.gather(*asked) if one.ok]

    async def compose(
        self,
        request: EnvironmentRequest,
        project: str,
        override: str,
        *words: str,
        env: Overlay | None = None,
    ) -> Completed:
        """Run ``docker compose`` on the environment's files with ``override`` as the last one.

        The override goes in by standard input: nothing of it is ever on a disk. ``env`` is laid
        over all else.
        """
        files = [word for file in request.files for word in ("-f", str(file))]
        folder = request.files[0].absolute().parent
        return await self.processes.run(
            (
                *compose_words(self.processes.merged(self.engine)),
                *("-p", project, "--project-directory", str(folder)),
                *(*files, "-f", "-", *words),
            ),
            cwd=Path(folder),
            env={**request.variables, **_QUIET, **self.engine, **(env or {})},
            input=override,
        )


def compose_words(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return how Compose is started: by its own program, which also runs without the CLI.

    The CLI asks a plugin what it is before it starts it, and so costs several times as much.
    """
    program = docker_home.plugin("compose", environment)
    return ("docker", "compose") if program is None else (program,)


def failure(what: str, done: Completed, lines: int = 20) -> EnvironmentFailure:
    """Return the error for a command that failed, with the last ``lines`` that it wrote."""
    said = [line for line in (done.err or done.out).splitlines() if line.strip()]
    return EnvironmentFailure(what, detail=tuple(said[-lines:]))
