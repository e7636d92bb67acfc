"""What tests of standing environments share: a small stack, and calls as the program makes them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from seatrial.events import Event
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.host.state import new_run_id
from seatrial.host.system import environment
from seatrial.model.environment import EnvironmentRequest, LogLine, ServiceState
from seatrial.runtimes.base import RunContext, Standing
from seatrial.toolchains.sync import SyncedToolchains

T = TypeVar("T")

COMPOSE = """
services:
  cache:
    image: redis:7
    ports: ["127.0.0.1:${CACHE_PORT}:6379"]
    volumes: ["data:/data"]
    healthcheck:
      test: [CMD, redis-cli, ping]
      interval: 30s
      start_period: 60s
      start_interval: 200ms
  setup:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    command: [python, setup.py]
    depends_on: {cache: {condition: service_healthy}}
  api:
    build: {context: ../.., dockerfile: services/api/Dockerfile}
    ports: ["127.0.0.1:${API_PORT}:8000"]
    environment: {GREETING: "${GREETING:-hello}", WORD: "${WORD:-}"}
    depends_on: {setup: {condition: service_completed_successfully}}
volumes:
  data:
"""
DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /app
COPY services/api/ ./
ENV HOST=0.0.0.0 PORT=8000
CMD ["python", "server.py"]
"""
SETUP = 'print("made the tables", flush=True)\n'
SERVER = """
import os, signal
from http.server import BaseHTTPRequestHandler, HTTPServer

if os.environ["GREETING"] == "none":
    raise SystemExit("there is no greeting")


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked for", self.path, flush=True)
        if self.path == "/crash":
            os._exit(3)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["GREETING"].encode())

    def log_message(self, *args):
        pass


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
server = HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler)
print("listening", flush=True)
server.serve_forever()
"""


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# From a context of one call to the environment as that call sees it.
Opener = Callable[["Stand", RunContext, EnvironmentRequest], AbstractAsyncContextManager[Standing]]


@dataclass
class Stand:
    """A repository with an environment ``dev``; each call is one of the program's."""

    root: Path
    opener: Opener
    project: str = field(default_factory=lambda: f"st{uuid.uuid4().hex[:8]}")
    variables: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    built: bool = False
    changed: bool = False

    def __post_init__(self) -> None:
        self.variables |= {"CACHE_PORT": str(free_port()), "API_PORT": str(free_port())}
        self.write("deploy/dev/docker-compose.yml", COMPOSE)
        self.write("services/api/Dockerfile", DOCKERFILE)
        self.write("services/api/setup.py", SETUP)
        self.write("services/api/server.py", SERVER)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the repository."""
        file = self.root / "repo" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip("\n"))
        return file

    def request(self, **variables: str) -> EnvironmentRequest:
        """Return what the program would ask for."""
        root = self.root / "repo"
        return EnvironmentRequest(
            key="dev",
            run=new_run_id(),
            root=root,
            files=(root / "deploy/dev/docker-compose.yml",),
            instance=self.project,
            project=self.project,
            variables={**environment(), **self.variables, **variables},
            labels={"dev.seatrial.root": str(root), "dev.seatrial.environment": "dev"},
            boot_timeout=60.0,
        )

    @contextlib.asynccontextmanager
    async def call(self, **variables: str) -> AsyncIterator[Standing]:
        """Open the environment as one call of the program does."""
        request = self.request(**variables)
        state = self.root / "state"
        ledger = Ledger(state / "runs" / f"{request.run}.ledger", request.run)
        processes, clock = Processes(environment(), ledger), Clock()
        heard = self.events.append
        toolchains = SyncedToolchains(processes, clock, heard, state, request.root)
        context = RunContext(request.run, processes, ledger, clock, toolchains, heard)
        try:
            async with self.opener(self, context, request) as standing:
                yield standing
        finally:
            await toolchains.close()
            ledger.close(clean=True)

    def do(self, work: Callable[[Standing], Coroutine[Any, Any, T]], **variables: str) -> T:
        """Do ``work`` in a call of its own."""

        async def run() -> T:
            async with self.call(**variables) as standing:
                return await work(standing)

        return asyncio.run(run())

    def up(self, *services: str, **variables: str) -> None:
        """Bring it up; the first time with its images built."""
        build, self.built, self.changed = not self.built, True, bool(variables)
        self.do(lambda standing: standing.up(services, build=build), **variables)

    def as_its_files_say(self) -> None:
        """Bring it up where it is not, or where it was brought up with other variables."""
        if self.changed or not all(state.good for state in self.states().values()):
            self.up()

    def down(self, *, volumes: bool = False) -> None:
        """Take it down."""
        self.do(lambda standing: standing.down(volumes=volumes))

    def states(self) -> dict[str, ServiceState]:
        """Return the state of each service."""
        return {state.service: state for state in self.do(lambda standing: standing.states())}

    def variable(self, name: str) -> str:
        """Return a variable of ``seatrial env``."""
        found: Mapping[str, str] = self.do(lambda standing: standing.variables())
        return found[name]

    def logs(self, *services: str, **options: Any) -> list[LogLine]:
        """Return the lines of the log."""

        async def read(standing: Standing) -> list[LogLine]:
            return [line async for line in standing.logs(services, **options)]

        return self.do(read)

    def asked(self, path: str = "/") -> str:
        """Return what the service ``api`` answers."""
        with urllib.request.urlopen(self.variable("DEV_API_URL") + path, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def redis(self, *words: str) -> str:
        """Return what the server of ``cache`` answers to a command."""
        address = (self.variable("DEV_CACHE_HOST"), int(self.variable("DEV_CACHE_PORT")))
        with socket.create_connection(address, 10) as peer:
            peer.sendall((" ".join(words) + "\r\n").encode())
            return peer.recv(1000).decode()


def texts(lines: Sequence[LogLine], service: str) -> list[str]:
    """Return the lines of one service."""
    return [line.text for line in lines if line.service == service]
