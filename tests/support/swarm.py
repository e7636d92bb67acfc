"""A real Swarm of three machines, each a container with an engine of its own, and a registry.

All of it is on one network that is made for it and removed with it. The engine's programs are the
machine's own, mounted; only what they need besides is an image. The Swarm is reached as an
operator reaches one: by a Docker context, in a configuration that nobody else has.

All of it bears the process that made it, so that the next run removes what a killed one left.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from seatrial.deploy.lock import machine
from seatrial.host.system import is_alive, start_time

IMAGES = Path(__file__).resolve().parent.parent / "projects/swarm"
CONTEXT = "swarm"
MANAGER, WORKERS = "manager", ("one", "two")
# Where the nodes find the registry; the machine outside reaches the same one on loopback.
REGISTRY = "registry:5000"
_PROGRAMS = ("dockerd", "docker-proxy", "containerd", "containerd-shim-runc-v2", "docker-init")
_PATIENCE = 60.0
# Labels of what is made: whose it is, and the folder outside that goes with it.
_OWNER, _FOLDER = "dev.seatrial.tests.swarm", "dev.seatrial.tests.folder"
_SETTINGS = """
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: /data}}
http: {addr: ":5000"}
"""


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for what a node makes true."""
    limit = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < limit, f"{what} never came true"
        time.sleep(0.1)


@dataclass
class Swarm:
    """Three nodes that are one Swarm; ``variables`` make the `docker` CLI reach its manager."""

    variables: dict[str, str]
    pushes_to: str
    nodes: dict[str, str] = field(default_factory=dict)
    sockets: dict[str, Path] = field(default_factory=dict)

    def docker(self, *words: str, node: str = MANAGER, input: str | None = None) -> str:
        """Return what `docker` prints on a node. Fails where it fails."""
        answer = subprocess.run(
            ["docker", "-H", f"unix://{self.sockets[node]}", *words],
            capture_output=True,
            text=True,
            input=input,
            timeout=120,
            check=False,
        )
        assert answer.returncode == 0, f"docker {' '.join(words)}: {answer.stderr}"
        return answer.stdout

    def tasks(self, service: str) -> list[dict[str, str]]:
        """Return the tasks of a service that are to run, as `docker service ps` has them."""
        words = ("service", "ps", "--filter", "desired-state=running", "--format", "{{json .}}")
        return [json.loads(line) for line in self.docker(*words, service).splitlines()]

    def running_on(self, service: str) -> list[str]:
        """Return the nodes on which tasks of a service run, once for each."""
        return sorted(
            task["Node"]
            for task in self.tasks(service)
            if task["CurrentState"].startswith("Running")
        )

    def exec(self, service: str, *words: str) -> str:
        """Return what a program prints in one of the tasks of a service, wherever that runs."""
        running = (t for t in self.tasks(service) if t["CurrentState"].startswith("Running"))
        task = next(running)
        id = self.docker("inspect", "-f", "{{.Status.ContainerStatus.ContainerID}}", task["ID"])
        return self.docker("exec", id.strip(), *words, node=task["Node"])

    def service(self, name: str) -> dict[str, Any]:
        """Return `docker service inspect`."""
        facts: dict[str, Any] = json.loads(self.docker("service", "inspect", name))[0]
        return facts

    def address(self, node: str) -> str:
        """Return the address of a node on the network of the Swarm."""
        return _address(self.nodes[node])

    def use(self, node: str, availability: str) -> None:
        """Let a node take tasks, or not."""

        def told() -> bool:
            # Refused where the node's state changes at the same moment.
            with contextlib.suppress(AssertionError):
                self.docker("node", "update", "--availability", availability, node)
                return True
            return False

        eventually(told, f"{node} {availability}")

    def is_ready(self, node: str) -> bool:
        """Return whether the Swarm counts on a node."""
        words = ("node", "inspect", node, "--format", "{{.Status.State}}")
        return self.docker(*words).strip() == "ready"

    def stop(self, node: str) -> None:
        """Let a node vanish, as a machine does whose power fails."""
        docker("kill", self.nodes[node])

    def start(self, node: str) -> None:
        """Bring a node back, and wait until the Swarm counts on it again."""
        docker("start", self.nodes[node])
        eventually(lambda: self.is_ready(node), f"{node} ready")


def push(swarm: Swarm, folder: Path, name: str, *options: str) -> None:
    """Build an image and push it; the nodes know it as ``REGISTRY/name``."""
    outside = f"{swarm.pushes_to}/{name}"
    docker("build", "-q", "-t", outside, *options, str(folder))
    _push(outside)


def push_as_it_is(swarm: Swarm, name: str) -> None:
    """Push an image of this machine under its own name."""
    outside = f"{swarm.pushes_to}/{name}"
    docker("tag", name, outside)
    _push(outside)


def _push(outside: str) -> None:
    try:
        docker("push", "-q", outside)
    finally:
        docker("rmi", "--no-prune", outside)


def owner(pid: int) -> str:
    """Return the label that says whose something is."""
    return f"{_OWNER}={pid} {start_time(pid)} {machine()}"


def remove_what_the_dead_left() -> None:
    """Remove containers and networks whose run is dead: of this user's machine, since its start.

    Of another machine that has the same engine nobody here can tell.
    """
    for kind, listed in (("container", ("-a",)), ("network", ())):
        shown = f'{{{{.ID}}}}\t{{{{.Label "{_OWNER}"}}}}\t{{{{.Label "{_FOLDER}"}}}}'
        words = (kind, "ls", *listed, "--no-trunc", "--filter", f"label={_OWNER}")
        for line in docker(*words, "--format", shown).splitlines():
            id, whose, folder = (*line.split("\t"), "", "")[:3]
            pid, started, where = (*whose.split(" ", 2), "", "")[:3]
            if where == machine() and not is_alive(int(pid), started):
                options = ("-f", "-v") if kind == "container" else ()
                # Another run may be at it, too.
                _try(kind, "rm", *options, id)
                if folder:
                    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def three_nodes(place: Path) -> Iterator[Swarm]:
    """Bring up the Swarm; whatever was made is removed by its id, also where this fails."""
    remove_what_the_dead_left()
    with contextlib.ExitStack() as undo:
        image = docker("build", "-q", str(IMAGES / "node"))
        # The layers stay in the build cache; another Swarm may stand on the same image.
        undo.callback(_try, "rmi", image)
        name = f"st-swarm-{secrets.token_hex(3)}"
        network = docker("network", "create", "--label", owner(os.getpid()), name)
        undo.callback(docker, "network", "rm", network)
        made: list[str] = []
        undo.callback(lambda: made and docker("rm", "-fv", *made))
        registry = _registry(image, network, place, made)
        port = docker("port", registry, "5000/tcp").splitlines()[0].rpartition(":")[2]
        swarm = Swarm({}, f"127.0.0.1:{port}")
        for node in (MANAGER, *WORKERS):
            # A socket's path may have 107 bytes, which pytest's folders use up.
            folder = Path(undo.enter_context(_short_folder()))
            swarm.nodes[node] = _node(image, network, node, folder, made)
            swarm.sockets[node] = folder / "docker.sock"
        for node, socket in swarm.sockets.items():
            _answers(swarm.nodes[node], socket)
        _join(swarm)
        swarm.variables = _context(swarm, place / "docker")
        yield swarm


def _registry(image: str, network: str, place: Path, made: list[str]) -> str:
    settings = place / "registry.yml"
    settings.write_text(_SETTINGS)
    words = ["--label", owner(os.getpid()), "--network", network, "--network-alias", "registry"]
    words += ["-p", "127.0.0.1::5000"]
    program = _program("docker-registry")
    mounts = ["-v", f"{program}:/usr/local/bin/docker-registry:ro"]
    mounts += ["-v", f"{settings}:/registry.yml:ro"]
    id = docker("run", "-d", *words, *mounts, image, "docker-registry", "serve", "/registry.yml")
    made.append(id)
    return id


def _node(image: str, network: str, name: str, folder: Path, made: list[str]) -> str:
    mounts = [
        word
        for program in (*_PROGRAMS, "runc")
        for word in ("-v", f"{_program(program)}:/usr/local/bin/{program}:ro")
    ]
    labels = ("--label", owner(os.getpid()), "--label", f"{_FOLDER}={folder}")
    words = ("--privileged", "--cgroupns", "private", "--hostname", name, "--network", network)
    # overlayfs does not lie on overlayfs: images are on a volume, which goes with the container.
    # What is in /run does not outlive a machine that stops; a pid file there would be of nobody.
    mounts += ["--tmpfs", "/run", "-v", "/var/lib/docker", "-v", f"{folder}:/run/node"]
    options = ("--host", "unix:///run/node/docker.sock", "--insecure-registry", REGISTRY)
    id = docker("run", "-d", *labels, *words, *mounts, image, "dockerd", *options)
    made.append(id)
    return id


def _join(swarm: Swarm) -> None:
    address = swarm.address(MANAGER)
    # A node that is silent is given up after three heartbeats; the usual ones are 5 s apart. Three
    # seconds are too few for one on a busy machine.
    swarm.docker("swarm", "init", "--advertise-addr", address, "--dispatcher-heartbeat", "2s")
    token = swarm.docker("swarm", "join-token", "-q", "worker").strip()
    for node in WORKERS:
        swarm.docker("swarm", "join", "--token", token, f"{address}:2377", node=node)
    # Tasks go to the nodes that are ready: all of them are to have some.
    eventually(lambda: all(map(swarm.is_ready, swarm.nodes)), "all nodes ready")


def _context(swarm: Swarm, folder: Path) -> dict[str, str]:
    """Return the variables with which a context of that configuration is the Swarm's manager."""
    folder.mkdir()
    plugins = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    if plugins.is_dir():
        (folder / "cli-plugins").symlink_to(plugins)
    variables = {"DOCKER_CONFIG": str(folder)}
    words = ["context", "create", CONTEXT, "--docker", f"host=unix://{swarm.sockets[MANAGER]}"]
    kept = {k: v for k, v in os.environ.items() if k not in ("DOCKER_HOST", "DOCKER_CONTEXT")}
    subprocess.run(["docker", *words], env=kept | variables, check=True, capture_output=True)
    return variables


@contextlib.contextmanager
def _short_folder() -> Iterator[str]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="st-", ignore_cleanup_errors=True) as folder:
        yield folder


def _answers(id: str, socket: Path) -> None:
    def pinged() -> bool:
        words = ["docker", "-H", f"unix://{socket}", "info", "-f", "{{.ServerVersion}}"]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    limit = time.monotonic() + _PATIENCE
    while not pinged():
        log = subprocess.run(["docker", "logs", "--tail", "5", id], capture_output=True, text=True)
        assert time.monotonic() < limit, f"a node's engine does not answer: {log.stderr}"
        time.sleep(0.1)


def _program(name: str) -> Path:
    """Return where one of the engine's programs is, on PATH or beside the `docker` CLI's own."""
    beside = Path(shutil.which("docker") or "/").resolve().parent
    places = (*os.environ["PATH"].split(":"), str(beside), str(beside.parent / "sbin"), "/usr/sbin")
    found = shutil.which(name, path=":".join(places))
    if found is None:
        pytest.skip(f"needs the engine's own {name} on this machine (scripts/engine brings it)")
    return Path(found).resolve()


def _address(id: str) -> str:
    words = ("-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
    return docker("inspect", *words, id)


def _try(*words: str) -> None:
    subprocess.run(["docker", *words], capture_output=True, check=False)


def docker(*words: str) -> str:
    """Return what `docker` prints on this machine's engine. Fails where it fails."""
    answer = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, f"docker {' '.join(words)}: {answer.stderr}"
    return answer.stdout.strip()
