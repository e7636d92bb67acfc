"""`seatrial deploy prod` on an engine that is reached otherwise, and behind a proxy of its own."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seatrial.host.system import environment
from tests.support.deploying import WATCH, Prod, docker, prod, running_registry
from tests.support.program import until

pytestmark = pytest.mark.engine

GOOD, BETTER = "1.0.0", "1.1.0"
# One service on a fixed port.
STACK = """
name: ${STAND}
services:
  web:
    image: ${REGISTRY}/${STAND}-app:${VERSION:-1.0.0}
    build: ../..
    init: true
    environment: {TOKEN_FILE: /run/secrets/token}
    secrets: [token]
    ports:
      - "127.0.0.1:${WEB_PORT}:8000"
    healthcheck:
      test: [CMD, bash, /app/check.sh]
      interval: 1s
      start_period: 20s
      start_interval: 100ms
secrets:
  token: {file: ./secrets/token}
"""
NGINX = """
FROM debian:trixie-slim
RUN apt-get update -qq && apt-get install -qqy --no-install-recommends nginx-light >/dev/null \\
 && rm -rf /var/lib/apt/lists/*
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prod]:
    place = tmp_path_factory.mktemp("reach")
    with running_registry(place / "registry") as address, prod(place, address) as found:
        found.repository.write("deploy/prod/docker-compose.yml", STACK.lstrip("\n"))
        for version in (GOOD, BETTER):
            found.push(version)
        yield found


@dataclass
class Wire:
    """A TCP port on loopback that leads to the engine's socket until it is cut."""

    engine: str
    server: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    lines: list[socket.socket] = field(default_factory=list)
    is_cut: bool = False

    @property
    def address(self) -> str:
        host, port = self.server.getsockname()
        return f"tcp://{host}:{port}"

    def serve(self) -> None:
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            if self.is_cut:
                near.close()
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.engine)
            self.lines += [near, far]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=pair, daemon=True).start()

    def cut(self) -> None:
        """End all that is under way, and refuse the rest."""
        self.is_cut = True
        for line in self.lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while select.select([source], [], []) and (data := source.recv(65536)):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def wire() -> Iterator[Wire]:
    address = environment().get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        pytest.skip("needs an engine that is reached by a socket of this machine")
    found = Wire(address.removeprefix("unix://"))
    thread = threading.Thread(target=found.serve, daemon=True)
    thread.start()
    yield found
    found.cut()
    found.server.close()


@pytest.fixture
def remote(wire: Wire, tmp_path: Path) -> dict[str, str]:
    """Return the variables of a user whose context `there` leads over the wire."""
    config = tmp_path / "config"
    config.mkdir()
    known = Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker"))
    if (known / "cli-plugins").is_dir():
        (config / "cli-plugins").symlink_to(known / "cli-plugins")
    variables = {"DOCKER_CONFIG": str(config)}
    subprocess.run(
        ["docker", "context", "create", "there", "--docker", f"host={wire.address}"],
        env={**environment(), **variables},
        check=True,
        capture_output=True,
    )
    # What the shell says of another engine does not count where a context is named.
    return {**variables, "DOCKER_HOST": "unix:///nonexistent/docker.sock"}


def answer(found: Prod) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{found.port}/", timeout=10) as response:
        version: str = response.read().decode().split()[0]
        return version


def test_a_mounted_file_that_the_engines_machine_lacks_is_told_before_anything_is_touched(
    one: Prod, remote: dict[str, str]
) -> None:
    # Only what the program is started from sees this secret, as if its files were elsewhere.
    alone = ("unshare", "--user", "--map-root-user", "--mount")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs mount namespaces, which this machine does not give")
    folder = one.repository.root / "deploy/prod/secrets"
    kept = folder.joinpath("token").read_text()
    folder.joinpath("token").unlink()
    script = f'mount -t tmpfs none {folder} && echo elsewhere > {folder}/token && exec "$@"'
    try:
        said = one.called(**remote).seatrial(
            *("deploy", "prod", "--context", "there", "--watch", WATCH),
            prefix=(*alone, "sh", "-c", script, "sh"),
        )
    finally:
        folder.joinpath("token").write_text(kept)
    assert said.code == 2, said.all
    assert f"the machine of the engine lacks {folder}/token; nothing was touched" in said.err
    assert "--to swarm" in said.err
    assert one.containers() == []
    assert one.claim() == ""


def test_a_context_names_the_engine_and_an_engine_that_is_gone_leaves_a_way_back(
    one: Prod, wire: Wire, remote: dict[str, str]
) -> None:
    nowhere = one.deploy("--context", "nowhere", **remote)
    assert nowhere.code == 3, nowhere.all
    assert "docker context ls" in nowhere.err
    said = one.deploy("--context", "there", **remote)
    assert said.code == 0, said.all
    assert "on there" in said.out
    assert one.versions() == {"web": GOOD}

    words = ("deploy", "prod", "--context", "there", "--version", BETTER, "--watch", "60")
    with one.called(**remote).started(*words) as deployment:
        until(lambda: len(one.containers("web")) == 2, "the trial of the next version")
        wire.cut()
        assert deployment.ended() == 3, deployment.text()
        text = deployment.text()
    assert "prod could not go back by itself" in text
    assert "`seatrial deploy prod --rollback` goes back to what ran before" in text
    assert answer(one) == GOOD

    wire.is_cut = False
    again = one.deploy("--context", "there", "--version", BETTER, **remote)
    assert again.code == 0, again.all
    assert "an earlier deployment was broken off" in again.out
    assert one.versions() == {"web": BETTER}
    assert len(one.containers()) == 1


def test_behind_a_proxy_a_fixed_port_has_no_gap(one: Prod) -> None:
    nginx = "nginx:1.29-alpine"
    own = not docker("images", "-q", nginx)
    if own:
        docker("build", "--quiet", "-t", nginx, "-", input=NGINX)
    try:
        wrote = one.repository.seatrial("deploy", "prod", "--proxy")
        assert wrote.code == 0, wrote.all
        said = one.deploy("--version", BETTER)
        assert said.code == 0, said.all
        assert answer(one) == BETTER
        with one.load("proxy") as asked:
            rolled = one.deploy("--version", GOOD)
        assert rolled.code == 0, rolled.all
        assert "fixed host port" not in rolled.out
        assert "was not there for" not in rolled.out
        assert asked["failed"] == []
        assert set(asked["seen"]) == {GOOD, BETTER}
        assert answer(one) == GOOD
    finally:
        one.leave_nothing()
        if own:
            docker("rmi", nginx, check=False)
