"""What tests of the Docker runtime share: a run on the engine, and what it left there."""

from __future__ import annotations

import contextlib
import subprocess
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from seatrial.events import Event
from seatrial.host.clock import Clock
from seatrial.host.ledger import Ledger
from seatrial.host.processes import Processes
from seatrial.host.system import environment
from seatrial.model.environment import EnvironmentRequest
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker import leftovers
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.engine import Engine, ask, overlay
from seatrial.runtimes.docker.environment import DockerEnvironment
from seatrial.runtimes.docker.runtime import DockerRuntime
from seatrial.toolchains.sync import SyncedToolchains


@dataclass
class DockerRun:
    """One run on the real engine over the compose file in ``root``."""

    root: Path
    runtime: DockerRuntime
    docker: Docker
    engine: Engine
    context: RunContext
    events: list[Event] = field(default_factory=list)
    projects: set[str] = field(default_factory=set)

    def write(self, text: str, path: str = "deploy/test/docker-compose.yml") -> Path:
        """Write a file of the repository."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"))
        return file

    def request(self, name: str = "one", **changes: Any) -> EnvironmentRequest:
        """Ask for an environment of the compose file; ``name`` tells several apart."""
        instance = f"{self.context.run}-{name}"
        project = f"st-{instance}"
        self.projects.add(project)
        file = self.root / "deploy/test/docker-compose.yml"
        facts: dict[str, Any] = {
            "key": name,
            "run": self.context.run,
            "root": self.root,
            "files": (file,),
            "instance": instance,
            "project": project,
            "variables": {**environment(), "TEST_INSTANCE_ID": instance},
            "labels": {"dev.seatrial.worktree": self.context.run},
            "boot_timeout": 60.0,
        }
        return EnvironmentRequest(**{**facts, **changes})

    async def left(self) -> list[str]:
        """Return ids of everything that is on the engine of this run's projects."""
        found = [await leftovers.find(self.docker, project) for project in self.projects]
        return [id for one in found for id in (*one.containers, *one.networks, *one.volumes)]

    @contextlib.asynccontextmanager
    async def up(self, name: str = "one", **changes: Any) -> AsyncIterator[DockerEnvironment]:
        """Boot an environment, and remove it at the end."""
        up = await self.runtime.boot(self.request(name, **changes))
        try:
            yield up
        finally:
            await up.remove()


@contextlib.asynccontextmanager
async def docker_run(root: Path) -> AsyncIterator[DockerRun]:
    """Open a run; whatever it leaves on the engine is removed at the end."""
    name = f"t{uuid.uuid4().hex[:8]}"
    ledger = Ledger(root / "state/runs" / f"{name}.ledger", name)
    processes, clock = Processes(environment(), ledger), Clock()
    heard: list[Event] = []
    toolchains = SyncedToolchains(processes, clock, heard.append, root / "state", root)
    context = RunContext(name, processes, ledger, clock, toolchains, heard.append)
    engine = await ask(processes)
    assert isinstance(engine, Engine)
    docker = Docker(processes, overlay(engine.word))
    own = DockerRuntime(context, engine)
    run = DockerRun(root, own, docker, engine, context, heard)
    try:
        yield run
    finally:
        await run.runtime.close()
        if run.runtime is not own:
            await own.close()
        for project in run.projects:
            await leftovers.remove(docker, project, name)
        await leftovers.remove_images(docker, name)
        processes.kill_all()
        ledger.close(clean=True)


def forget_images_of(reference: str) -> None:
    """Remove images by the names that match: by an id, all names of the image would go."""
    filters = ("--filter", f"reference={reference}", "--format", "{{.Repository}}:{{.Tag}}")
    listed = subprocess.run(
        ["docker", "images", *filters], capture_output=True, text=True, check=True
    )
    if names := listed.stdout.split():
        subprocess.run(["docker", "rmi", *names], capture_output=True, check=False)
