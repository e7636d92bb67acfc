"""What tests of standing environments of processes share: calls that know nothing of each other."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from seatrial.events import Event
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.host.state import Folders, new_run_id
from seatrial.host.system import environment, marked_processes
from seatrial.model.environment import EnvironmentRequest, ServiceState
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.standing.environment import ProcessStanding
from seatrial.toolchains.sync import SyncedToolchains
from tests.support.local import DOCKERFILE, SERVER
from tests.support.program import Repository

API = """
services:
  api:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    ports: ["127.0.0.1:${API_PORT}:8000"]
    environment: {GREETING: "${GREETING:-hello}"}
    healthcheck:
      test: [CMD, python, -c, "import urllib.request as u; u.urlopen('http://localhost:8000/')"]
"""
STACK = (
    API
    + """
    depends_on:
      database: {condition: service_healthy}
      migrate: {condition: service_completed_successfully}
  migrate:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    command: [python, -c, "print('migrated')"]
    depends_on: {database: {condition: service_healthy}}
  database:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: secret, POSTGRES_DB: app}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD, pg_isready, -h, 127.0.0.1]}
volumes: {data: {}}
"""
)


@dataclass
class Stand:
    """A repository with an environment ``dev``. Each call is one of a program of its own."""

    root: Path
    state: Path
    variables: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    _seen: set[Path] = field(default_factory=set)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the repository."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"))
        return file

    def repository(self) -> Repository:
        """Return it for calls of the program itself, with the same folders of the user."""
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.root)], check=True)
        home = self.state.parent.parent
        (home / "run").mkdir(exist_ok=True)
        return Repository(self.root, home, self.variables)

    def compose(self, text: str) -> Path:
        """Write the compose file."""
        return self.write("deploy/dev/docker-compose.yml", text)

    @contextlib.asynccontextmanager
    async def call(self) -> AsyncIterator[ProcessStanding]:
        """Open the environment as a call of the program does."""
        run = new_run_id()
        ledger = Ledger(self.state / "runs" / f"{run}.ledger", run)
        processes, clock = Processes({**environment(), **self.variables}, ledger), Clock()
        toolchains = SyncedToolchains(processes, clock, self.events.append, self.state, self.root)
        context = RunContext(run, processes, ledger, clock, toolchains, self.events.append)
        file = self.root / "deploy/dev/docker-compose.yml"
        variables = {**environment(), **self.variables}
        request = EnvironmentRequest(
            "dev", run, self.root, (file,), "shop-dev", "shop-dev", variables, boot_timeout=60
        )
        folders = Folders(self.state, self.state / "cache", self.state / "runtime")
        try:
            yield ProcessStanding(request, context, folders)
        finally:
            processes.kill_all()
            await toolchains.close()
            ledger.close(clean=True)

    async def up(self, *services: str) -> None:
        """Bring it up."""
        async with self.call() as standing:
            await standing.up(services)

    async def down(self, *, volumes: bool = False) -> None:
        """Take it down."""
        async with self.call() as standing:
            await standing.down(volumes=volumes)

    async def states(self) -> dict[str, ServiceState]:
        """Return the state of each service."""
        async with self.call() as standing:
            return {state.service: state for state in await standing.states()}

    async def exec(self, service: str, *argv: str) -> int:
        """Run a command in a service."""
        async with self.call() as standing:
            return await standing.exec(service, argv)

    async def variables_of(self) -> dict[str, str]:
        """Return what ``env`` prints."""
        async with self.call() as standing:
            return dict(await standing.variables())

    @property
    def record(self) -> dict[str, Any]:
        """Return what is written down."""
        text = (self.root / ".seatrial/up/dev.processes.json").read_text()
        document: dict[str, Any] = json.loads(text)
        return document

    def pids(self) -> dict[str, int]:
        """Return the process of each service."""
        return {one["service"]: one["pid"] for one in self.record["services"]}

    def traces(self) -> list[str]:
        """Return what is there besides kept data: processes, folders, blocks, ledgers, records.

        To be asked before and after: what the record names is remembered.
        """
        if (self.root / ".seatrial/up/dev.processes.json").exists():
            self._seen |= {Path(self.record[name]) for name in ("data", "scratch")}
        markers = [f"SEATRIAL_ENVIRONMENT={folder.name}" for folder in self._seen]
        found = [f"process {pid}" for marker in markers for pid in marked_processes(marker)]
        folders = (self.state / "runs", self.state / "blocks", self.root / ".seatrial/up")
        places = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
        return [*found, *map(str, places), *(str(one) for one in self._seen if one.exists())]


@contextlib.contextmanager
def stand() -> Iterator[Stand]:
    """Lay out an empty repository where any user may pass, as servers must that are not root."""
    place = Path(tempfile.mkdtemp(prefix="seatrial-stand-"))
    place.chmod(0o755)
    (place / "repo").mkdir()
    (place / "state/seatrial").mkdir(parents=True)
    try:
        yield Stand(place / "repo", place / "state/seatrial")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def with_a_service() -> Iterator[Stand]:
    """Yield one with a service ``api`` at API_PORT; take it down in the end. For a fixture."""
    with stand() as made:
        made.write("services/api/server.py", SERVER)
        made.write("services/api/Dockerfile", DOCKERFILE)
        made.variables["API_PORT"] = str(free_port())
        try:
            yield made
        finally:
            asyncio.run(made.down(volumes=True))


async def until(condition: Callable[[], bool], seconds: float = 40) -> None:
    """Wait for what knows no event."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def free_port() -> int:
    """Return a port that nobody has."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(port: int, path: str = "/") -> str:
    """Return what is served at a port of this machine."""
    with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=10) as answer:
        body: bytes = answer.read()
    return body.decode()
