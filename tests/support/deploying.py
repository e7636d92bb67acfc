"""What tests of deployments share: a repository with prod, images in a registry, a steady load."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.host.processes import Processes
from seatrial.host.system import environment
from tests.support.program import Repository, Said, until
from tests.support.registry import registry
from tests.support.standing import free_port

COMPOSE = """
name: ${STAND}

x-app: &app
  image: ${REGISTRY}/${STAND}-app:${VERSION:-1.0.0}
  build: ../..
  restart: unless-stopped
  init: true
  environment:
    GREETING: ${GREETING:-hello}
    TOKEN_FILE: /run/secrets/token
  secrets: [token]
  stop_grace_period: 5s
  healthcheck: &check
    test: [CMD, bash, /app/check.sh]
    interval: 1s
    timeout: 5s
    retries: 1
    start_period: 20s
    start_interval: 100ms

services:
  store:
    image: ${REGISTRY}/${STAND}-store:${STORE_VERSION:-1}
    restart: unless-stopped
    init: true
    volumes: ["store:/data"]
    healthcheck:
      <<: *check

  migrate:
    <<: *app
    command: [python, /app/migrate.py]
    restart: on-failure
    healthcheck: {disable: true}
    volumes: ["store:/data"]
    depends_on: {store: {condition: service_healthy}}

  api:
    <<: *app
    depends_on: {migrate: {condition: service_completed_successfully}}

  web:
    <<: *app
    environment: {ROLE: web, TOKEN_FILE: /run/secrets/token}
    ports: ["127.0.0.1:${WEB_PORT}:8000"]
    depends_on: {api: {condition: service_healthy}}

volumes:
  store: {external: true, name: "${STAND}-store"}

secrets:
  token: {file: ./secrets/token}
"""
# HOW says what is wrong with a version: sick never becomes healthy, fleeting dies soon after it is,
# stuck cannot migrate; half is sick as web only, and named is so where it has web's name.
DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /app
COPY app/ ./
ARG VERSION HOW
ENV VERSION=$VERSION HOW=$HOW PYTHONUNBUFFERED=1
CMD ["python", "/app/server.py"]
"""
SERVER = """
import os, pathlib, signal, socket, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

version, how = os.environ["VERSION"], os.environ["HOW"]
token = pathlib.Path(os.environ.get("TOKEN_FILE", "/dev/null")).read_text().strip()


def is_named():
    own = socket.gethostbyname(socket.gethostname())
    return own in socket.gethostbyname_ex("web")[2]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        web = os.environ.get("ROLE") == "web"
        ill = how == "sick" or (how == "half" and web) or (how == "named" and web and is_named())
        self.send_response(500 if ill else 200)
        self.end_headers()
        self.wfile.write(f"{version} {os.environ.get('GREETING', '')}".encode())
        if self.path == "/check" and how == "fleeting":
            threading.Timer(0.1, os._exit, [7]).start()

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 64


server = Server(("", 8000), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"version {version} with {token} listens", flush=True)
server.serve_forever(poll_interval=0.02)
# Whoever is in the queue is served, too: closed, it would reset them.
server.socket.setblocking(False)
waiting = True
while waiting:
    try:
        server.process_request(*server.get_request())
    except BlockingIOError:
        waiting = False
server.server_close()
"""
# A probe is to cost next to nothing: there are many.
CHECK = """
exec 3<>/dev/tcp/127.0.0.1/8000
printf 'GET /check HTTP/1.0\\r\\n\\r\\n' >&3
read -r _ code _ <&3
cat <&3 >/dev/null
[ "$code" = 200 ]
"""
MIGRATE = """
import os
with open("/data/migrations", "a") as log:
    log.write(os.environ["VERSION"] + "\\n")
if os.environ["HOW"] == "stuck":
    raise SystemExit("column greeting is there already")
"""
# Seconds; a fleeting version dies within it.
WATCH = "0.5"
# Asks again and again, each time with the name resolved anew, and once more where no connection
# came about: it was refused, or not answered.
CLIENT = """
import http.client, json, signal, socket, sys, time

host, port, path = sys.argv[1:]
seen, failed, going = {}, [], True


def stop(*_):
    global going
    going = False


def connected():
    for again in (True, False):
        try:
            return socket.create_connection((host, int(port)), timeout=0.5)
        except OSError:
            if not again:
                raise


def ask():
    line = http.client.HTTPConnection(host, timeout=10)
    line.sock = connected()
    line.sock.settimeout(10)
    line.request("GET", path)
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} {text}")
    return text.split()[0]


signal.signal(signal.SIGTERM, stop)
while going:
    try:
        version = ask()
        if not seen:
            print("first answer", flush=True)
        seen[version] = seen.get(version, 0) + 1
    except Exception as error:
        failed.append(repr(error))
    time.sleep(0.01)
print(json.dumps({"seen": seen, "failed": failed}), flush=True)
"""


def docker(*words: str, check: bool = True, input: str | None = None) -> str:
    """Return what the docker CLI prints."""
    answer = subprocess.run(
        ["docker", *words], capture_output=True, text=True, check=False, input=input
    )
    assert answer.returncode == 0 or not check, f"docker {' '.join(words)}: {answer.stderr}"
    return answer.stdout.strip()


def leave_claim(project: str, token: str, boot: str) -> None:
    """Put a claim there whose process is no more, on the machine of ``boot``."""
    facts = {
        "token": token,
        "holder": "process 7 on elsewhere",
        "since": "0",
        "process": "4194303 1",
        "boot": boot,
    }
    words = [w for k, text in facts.items() for w in ("--label", f"dev.seatrial.deploy.{k}={text}")]
    docker("volume", "create", *words, f"{project}-deploying")


@dataclass
class Prod:
    """A repository whose prod can be deployed, and the registry that its images are in."""

    repository: Repository
    stand: str
    registry: str
    port: int
    built: set[str] = field(default_factory=set)

    def push(self, version: str, how: str = "good", name: str = "app") -> str:
        """Build a version and push it; return its digest."""
        image = f"{self.registry}/{self.stand}-{name}:{version}"
        docker(
            *("build", "--quiet", "--provenance=false", "-t", image),
            *("--build-arg", f"VERSION={version}", "--build-arg", f"HOW={how}"),
            str(self.repository.root),
        )
        docker("push", "--quiet", image)
        self.built.add(image)
        digests = json.loads(docker("image", "inspect", "-f", "{{json .RepoDigests}}", image))
        # What is deployed must come from the registry.
        docker("rmi", image)
        digest: str = digests[0].partition("@")[2]
        return digest

    def deploy(self, *words: str, **variables: str) -> Said:
        """Call `seatrial deploy prod`, which watches for a short time only."""
        return self.called(**variables).seatrial("deploy", "prod", "--watch", WATCH, *words)

    def called(self, **variables: str) -> Repository:
        """Return the repository as one with other variables in their shell calls the program."""
        known = {**self.repository.variables, **variables}
        return Repository(self.repository.root, self.repository.home, known)

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """Return what the engine says of the containers of prod, one-off ones included."""
        words = ["--filter", f"label=com.docker.compose.project={self.stand}"]
        if service:
            words += ["--filter", f"label=com.docker.compose.service={service}"]
        ids = docker("ps", "-aq", *words).split()
        # One may be gone by now, and is left out of the answer.
        facts: list[dict[str, Any]] = json.loads(docker("inspect", *ids, check=False) or "[]")
        return facts

    def the(self, service: str) -> dict[str, Any]:
        """Return the one container of a service."""
        (one,) = self.containers(service)
        return one

    def ids(self) -> dict[str, str]:
        """Return the ids of the containers that run, by their names."""
        return {one["Name"]: one["Id"] for one in self.containers() if one["State"]["Running"]}

    def claim(self) -> str:
        """Return the volume by which a deployment holds others off; empty for none."""
        return docker("volume", "ls", "-q", "--filter", f"name={self.stand}-deploying")

    def versions(self) -> dict[str, str]:
        """Return which version each running service is."""
        found = {}
        for one in self.containers():
            if one["State"]["Running"]:
                variables = dict(word.split("=", 1) for word in one["Config"]["Env"])
                name = one["Config"]["Labels"]["com.docker.compose.service"]
                found[name] = variables.get("VERSION", "")
        return found

    def migrations(self) -> list[str]:
        """Return the versions that migrated the data, in order."""
        name = self.the("store")["Id"]
        return docker("exec", name, "cat", "/data/migrations").split()

    def compose(self, *words: str, **variables: str) -> str:
        """Call plain Compose on the files of prod."""
        file = str(self.repository.root / "deploy/prod/docker-compose.yml")
        answer = subprocess.run(
            ["docker", "compose", "-f", file, *words],
            capture_output=True,
            text=True,
            check=False,
            env={**self.repository.environment, **variables},
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout + answer.stderr

    @contextlib.contextmanager
    def load(self, service: str) -> Iterator[dict[str, Any]]:
        """Ask ``service`` steadily from a container on prod's network; fill in what came of it."""
        name = f"{self.stand}-client-{secrets.token_hex(2)}"
        words = ("--name", name, "--network", f"{self.stand}_default", "--init")
        code = ("python:3.13-slim", "python", "-c", CLIENT, service, "8000", "/")
        docker("run", "-d", *words, *code)
        found: dict[str, Any] = {}
        try:
            until(lambda: "first answer" in docker("logs", name), "the first answer")
            yield found
            docker("stop", name)
            found.update(json.loads(docker("logs", name).splitlines()[-1]))
        finally:
            docker("rm", "-f", name, check=False)

    def leave_nothing(self) -> None:
        """Remove all of prod from the engine, found by its own name."""
        ids = [one["Id"] for one in self.containers()]
        if ids:
            docker("rm", "-fv", *ids, check=False)
        for name in docker("network", "ls", "--format", "{{.Name}}").split():
            if name.startswith(f"{self.stand}_"):
                docker("network", "rm", name, check=False)
        volumes = docker("volume", "ls", "-q", "--filter", f"name={self.stand}").split()
        if volumes:
            docker("volume", "rm", "-f", *volumes, check=False)
        # By their names: the same image may have others, of a test beside this one.
        words = ("--filter", f"reference={self.registry}/{self.stand}-*")
        shape = "{{.Repository}} {{.Tag}} {{.Digest}}"
        for line in docker("images", "--digests", *words, "--format", shape).splitlines():
            name, tag, digest = line.split()
            found = [f"{name}:{tag}"] * (tag != "<none>") + [f"{name}@{digest}"] * (
                digest != "<none>"
            )
            docker("rmi", "-f", *found, check=False)


def written(place: Path) -> Repository:
    """Lay the repository out in ``place``."""
    root, home = place / "repo", place / "home"
    (home / "run").mkdir(parents=True)
    repository = Repository(root, home)
    repository.write("deploy/prod/docker-compose.yml", COMPOSE.lstrip("\n"))
    repository.write("Dockerfile", DOCKERFILE.lstrip("\n"))
    for name, text in (("server.py", SERVER), ("check.sh", CHECK), ("migrate.py", MIGRATE)):
        repository.write(f"app/{name}", text.lstrip("\n"))
    return repository


@contextlib.contextmanager
def running_registry(folder: Path) -> Iterator[str]:
    """Run a registry for as long as the block; yield its address."""
    folder.mkdir(parents=True, exist_ok=True)
    context = registry(Processes(environment()), folder)
    with asyncio.Runner() as runner:
        address = runner.run(_entered(context))
        try:
            yield address
        finally:
            runner.run(_left(context))


async def _entered(context: AbstractAsyncContextManager[str]) -> str:
    return await context.__aenter__()


async def _left(context: AbstractAsyncContextManager[str]) -> None:
    await context.__aexit__(None, None, None)


@contextlib.contextmanager
def prod(place: Path, address: str) -> Iterator[Prod]:
    """Yield a repository with a name and port of its own; leave nothing of it on the engine."""
    repository, stand, port = written(place), f"st{secrets.token_hex(4)}", free_port()
    settings = f"STAND={stand}\nREGISTRY={address}\nWEB_PORT={port}\n"
    repository.write("deploy/prod/.env", settings)
    repository.write("deploy/prod/secrets/token", "a-very-secret-token\n")
    one = Prod(repository, stand, address, port)
    docker("volume", "create", f"{stand}-store")
    try:
        yield one
    finally:
        one.leave_nothing()
