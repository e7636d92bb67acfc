"""New repositories, made by the real program, for the tests to live in."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from seatrial.scaffold.kinds import KINDS
from seatrial.scaffold.record import load
from tests.support.program import Repository, Said

# Where no engine is found, as on a machine that has none.
NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
SERVICES = tuple(
    f"{name}+{backing}" if backing else name
    for name, kind in KINDS.items()
    for backing in kind.backings or ("",)
)

# Every kind, and two brokers.
WHOLE = (
    "api:fastapi",
    "jobs:worker+valkey",
    "mail:worker+nats",
    "gate:node-api",
    "web:frontend",
    "words:python-lib",
)
# Of health checks, in nanoseconds as the engine has them.
SECOND = 1_000_000_000
SLOW_HEALTH = 30 * SECOND


def project_of(repository: Repository) -> str:
    """Return the name that images and volumes of the repository begin with."""
    name: str = load(repository.root).answers.project
    return name


def since(began: float) -> str:
    """Return the time that has passed since ``began``, to be printed."""
    return f"{time.monotonic() - began:.1f} s"


def new_repository(place: Path, *services: str) -> Repository:
    """Make a repository of ``services`` (``NAME:KIND+BACKING``) in ``place``, by `seatrial new`.

    Its project has a name that no other test has: images and prod volumes are called after it.
    """
    home = place / "home"
    (home / "run").mkdir(parents=True)
    maker = Repository(place, home)
    words = [word for service in services for word in ("--service", service)]
    name = f"st{secrets.token_hex(3)}"
    said = maker.seatrial("new", "repo", "--name", name, "--yes", *words)
    assert said.code == 0, said.all
    return Repository(place / "repo", home)


def make(repository: Repository, *words: str) -> Said:
    """Run `make` in the repository as its user does."""
    answer = subprocess.run(
        ["make", *words],
        cwd=repository.root,
        env=repository.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return Said(answer.returncode, answer.stdout, answer.stderr)


def docker(*words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Return what the docker CLI prints."""
    answer = subprocess.run(
        ["docker", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, f"docker {' '.join(words)}: {answer.stderr}"
    return answer.stdout


def inspected(*ids: str) -> list[dict[str, Any]]:
    """Return ``docker inspect`` of containers."""
    facts: list[dict[str, Any]] = json.loads(docker("inspect", *ids)) if ids else []
    return facts


def containers(project: str) -> dict[str, dict[str, Any]]:
    """Return the containers of a compose project by their service."""
    ids = docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={project}").split()
    label = "com.docker.compose.service"
    return {facts["Config"]["Labels"][label]: facts for facts in inspected(*ids)}


def free_ports(count: int) -> Sequence[int]:
    """Return ports that nobody listens to now."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def move_ports(repository: Repository, environment: str) -> dict[str, int]:
    """Write a ``.env`` that moves every port of an environment to a free one; return them."""
    folder = repository.root / "deploy" / environment
    lines = (folder / ".env.example").read_text().splitlines()
    names = [line.lstrip("# ").partition("=")[0] for line in lines if "_PORT=" in line]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    kept = [line for line in lines if "_PORT=" not in line and "=" in line and line[0] != "#"]
    (folder / ".env").write_text("\n".join([*kept, *(f"{k}={v}" for k, v in ports.items())]) + "\n")
    return ports


@contextlib.contextmanager
def removed_from_engine(project: str) -> Iterator[None]:
    """Take everything that carries ``project`` in its name off the engine at the end."""
    try:
        yield
    finally:
        for kind, listing in (
            ("container", ["ps", "-aq", "--filter", f"name={project}"]),
            ("network", ["network", "ls", "-q", "--filter", f"name={project}"]),
            ("volume", ["volume", "ls", "-q", "--filter", f"name={project}"]),
            ("image", ["images", "-q", "--filter", f"reference=*{project}*"]),
            ("image", ["images", "-q", "--filter", f"reference=*/{project}*"]),
        ):
            ids = dict.fromkeys(docker(*listing).split())
            if ids:
                subprocess.run(["docker", kind, "rm", "-f", *ids], capture_output=True, check=False)
