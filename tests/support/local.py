"""What tests of the process runtime share: a run of its own, and a small service to start."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
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
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.process.environment import ProcessEnvironment
from seatrial.runtimes.process.runtime import ProcessRuntime
from seatrial.toolchains.sync import SyncedToolchains

SERVER = """
import json, os, signal, socket, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit


def reaches(url):
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), 5):
        return True


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/crash":
            os._exit(3)
        print("asked for", self.path, flush=True)
        urls = {k: reaches(v) for k, v in os.environ.items() if k.endswith("_URL")}
        body = json.dumps({"env": dict(os.environ), "reaches": urls, "cwd": os.getcwd()})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
server = HTTPServer((os.environ.get("HOST", ""), int(os.environ.get("PORT", "8000"))), Handler)
print("listening", flush=True)
server.serve_forever()
"""
DOCKERFILE = """
FROM python:3.12-slim
WORKDIR /app
COPY services/api/ ./
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
CMD ["python", "server.py"]
"""


@dataclass
class Checkout:
    """A repository in a temporary folder, and runs over it."""

    root: Path
    state: Path
    events: list[Event] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str) -> Path:
        """Write a file of the repository."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"))
        return file

    def service(
        self, name: str = "api", server: str = SERVER, dockerfile: str = DOCKERFILE
    ) -> None:
        """Write a service that answers on HTTP."""
        self.write(f"services/{name}/server.py", server)
        self.write(
            f"services/{name}/Dockerfile", dockerfile.replace("services/api", f"services/{name}")
        )

    def compose(self, text: str) -> Path:
        """Write the compose file."""
        return self.write("deploy/test/docker-compose.yml", text)

    def request(self, run: str, **changes: Any) -> EnvironmentRequest:
        """Ask for the environment of the compose file."""
        instance = changes.pop("instance", "t1")
        return EnvironmentRequest(
            key=changes.pop("key", "integration"),
            run=run,
            root=self.root,
            files=(self.root / "deploy/test/docker-compose.yml",),
            instance=instance,
            project=f"p-{instance}",
            variables={"TEST_INSTANCE_ID": instance, **self.variables},
            **changes,
        )

    @contextlib.asynccontextmanager
    async def run(
        self, name: str = "run1", providers: Mapping[str, Sequence[str]] | None = None
    ) -> AsyncIterator[Session]:
        """Open a run: its ledger, its processes and the runtime."""
        # Tests run side by side, and a run's processes are found by its id.
        unique = f"{name}-{new_run_id()}"
        ledger = Ledger(self.state / "runs" / f"{unique}.ledger", unique)
        processes, clock = Processes(environment(), ledger), Clock()
        toolchains = SyncedToolchains(processes, clock, self.events.append, self.state, self.root)
        context = RunContext(unique, processes, ledger, clock, toolchains, self.events.append)
        folders = Folders(self.state, self.state / "cache", self.state / "runtime")
        runtime = ProcessRuntime(context, folders, providers)
        try:
            yield Session(self, runtime, context)
        finally:
            await runtime.close()
            processes.kill_all()
            ledger.close(clean=True)


@dataclass
class Session:
    """One run over a checkout."""

    checkout: Checkout
    runtime: ProcessRuntime
    context: RunContext

    @contextlib.asynccontextmanager
    async def up(self, **changes: Any) -> AsyncIterator[ProcessEnvironment]:
        """Boot the environment, and remove it at the end."""
        environment = await self.runtime.boot(self.checkout.request(self.context.run, **changes))
        try:
            yield environment
        finally:
            await environment.remove()

    def alive(self) -> list[int]:
        """Return the processes of this run."""
        return marked_processes(f"SEATRIAL_RUN={self.context.run}")

    def ledger_folders(self) -> list[Path]:
        """Return the folders that the ledger ever named."""
        lines = self.context.ledger.path.read_text().splitlines()
        facts = [json.loads(line) for line in lines]
        return [Path(fact["key"]) for fact in facts if fact["kind"] == "folder"]


def ask(environment: ProcessEnvironment, service: str = "API", path: str = "/") -> dict[str, Any]:
    """Return what a service answers."""
    url = environment.exports[f"TEST_{service}_URL"]
    with urllib.request.urlopen(url + path, timeout=10) as answer:
        document: dict[str, Any] = json.load(answer)
    return document
