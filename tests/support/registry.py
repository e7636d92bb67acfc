"""A real image registry on loopback, for tests that push."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from seatrial.host.processes import Processes
from tests.support.program import until

_SETTINGS = """
version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: {folder}}}
  delete: {{enabled: true}}
http: {{addr: "{address}"{tls}}}
"""


@contextlib.asynccontextmanager
async def registry(processes: Processes, folder: Path) -> AsyncIterator[str]:
    """Run a registry whose data is in ``folder``; yield its ``127.0.0.1:port``.

    An engine takes an address of 127.0.0.0/8 for insecure by itself, so nothing is to be set up.
    """
    program = processes.find("docker-registry")
    if program is None:
        pytest.skip("needs docker-registry (scripts/engine brings it)")
    address = f"127.0.0.1:{_free_port()}"
    settings = folder / "registry.yml"
    settings.write_text(_SETTINGS.format(folder=folder / "data", address=address, tls=""))
    with (folder / "registry.log").open("ab") as log:
        child = await processes.start([program, "serve", str(settings)], cwd=folder, log=log)
    try:
        while not _answers(address):
            assert child.returncode is None, (folder / "registry.log").read_text()
            await asyncio.sleep(0.02)
        yield address
    finally:
        await child.end()


# A user of a registry that asks for a login, and what `htpasswd -B` makes of the password.
USER, PASSWORD = "skipper", "spinnaker-7"
_USERS = f"{USER}:$2a$05$abcdefghijklmnopqrstuu.xgQN1s3.ahPXiU7Fjaci09vJnULDIO\n"
_KINDS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)
_TRUSTING = ssl.create_default_context()
_TRUSTING.check_hostname, _TRUSTING.verify_mode = False, ssl.CERT_NONE


class Shelf:
    """A real registry that tests without an event loop talk to; what it holds outlives its end.

    With ``tls`` it has a certificate that it made for itself.
    """

    def __init__(self, folder: Path, *, login: bool = False, tls: bool = False) -> None:
        program = shutil.which("docker-registry")
        if program is None:
            pytest.skip("needs docker-registry (scripts/engine brings it)")
        self._program = program
        self.address = f"127.0.0.1:{_free_port()}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        words = _self_signed(folder) if tls else ""
        self._scheme = "https" if tls else "http"
        settings = _SETTINGS.format(folder=folder / "data", address=self.address, tls=words)
        if login:
            (folder / "users").write_text(_USERS)
            settings += f"auth: {{htpasswd: {{realm: harbour, path: {folder / 'users'}}}}}\n"
        (folder / "registry.yml").write_text(settings)

    def start(self) -> None:
        """Run it, until it answers."""
        with (self._folder / "registry.log").open("ab") as log:
            words = [self._program, "serve", str(self._folder / "registry.yml")]
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        until(lambda: _answers(self.address), "the registry's answer")

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def tags(self, repository: str) -> list[str]:
        """Return the tags of a repository, sorted; none where there is no such thing."""
        try:
            return sorted(self.get(f"{repository}/tags/list")["tags"] or [])
        except urllib.error.HTTPError:
            return []

    def digest(self, repository: str, tag: str) -> str:
        """Return what a tag points to."""
        url = f"{self._scheme}://{self.address}/v2/{repository}/manifests/{tag}"
        request = urllib.request.Request(url, headers={"Accept": _KINDS}, method="HEAD")
        with urllib.request.urlopen(request, context=_TRUSTING) as reply:
            return str(reply.headers["Docker-Content-Digest"])

    def digests(self, repository: str) -> dict[str, str]:
        """Return what each tag of a repository points to."""
        return {tag: self.digest(repository, tag) for tag in self.tags(repository)}

    def get(self, path: str) -> Any:
        """Return a document of the registry."""
        url = f"{self._scheme}://{self.address}/v2/{path}"
        request = urllib.request.Request(url, headers={"Accept": _KINDS})
        with urllib.request.urlopen(request, context=_TRUSTING) as reply:
            return json.load(reply)

    def labels(self, repository: str, tag: str) -> dict[str, str]:
        """Return the labels of an image."""
        config = self.get(f"{repository}/manifests/{tag}")["config"]["digest"]
        labels: dict[str, str] = self.get(f"{repository}/blobs/{config}")["config"]["Labels"]
        return labels


@contextlib.contextmanager
def shelf(folder: Path, *, login: bool = False, tls: bool = False) -> Iterator[Shelf]:
    """Run a registry whose data is in ``folder``, with one user where ``login`` is asked for."""
    one = Shelf(folder, login=login, tls=tls)
    one.start()
    try:
        yield one
    finally:
        one.stop()


class Line:
    """A line to a registry that can be held or cut while something is under way.

    After ``most`` bytes towards the registry, or at a certain request, it lets no more through:
    ``cut`` ends all connections and takes no new ones, without it they stay open and silent.
    """

    def __init__(self, to: str) -> None:
        self._to = to
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.full = threading.Event()
        self._open = threading.Event()
        self._most: int | None = None
        self._stop = b""
        self._cut = False
        self._gone = 0
        self._ends: set[socket.socket] = set()
        self._ended = False
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def limit(self, most: int, *, cut: bool) -> None:
        """Let ``most`` bytes through from now on."""
        self.full.clear()
        self._open.clear()
        self._most, self._cut, self._gone = most, cut, 0

    def stop_at(self, request: str, *, cut: bool = True) -> None:
        """Let no request through that begins with these words."""
        self.full.clear()
        self._open.clear()
        self._stop, self._cut = request.encode(), cut

    def mend(self) -> None:
        """Let everything through."""
        self._most, self._cut, self._stop = None, False, b""
        self._open.set()

    def close(self) -> None:
        """End it."""
        self._ended = True
        self.mend()
        self._hang_up()
        self._socket.shutdown(socket.SHUT_RDWR)
        for one in self._threads:
            one.join()
        self._socket.close()

    def _hang_up(self) -> None:
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._socket.accept()
            except OSError:
                return
            if self._cut and self.full.is_set():
                near.close()
                continue
            one = threading.Thread(target=self._connect, args=(near,))
            self._threads.append(one)
            one.start()

    def _connect(self, near: socket.socket) -> None:
        host, _, port = self._to.partition(":")
        with near, socket.create_connection((host, int(port))) as far:
            self._ends |= {near, far}
            back = threading.Thread(target=self._carry, args=(far, near, False))
            back.start()
            self._carry(near, far, True)
            back.join()
            self._ends -= {near, far}

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if counted and not self._passes(data):
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _passes(self, data: bytes) -> bool:
        """Count bytes; wait where the line is held, return whether they may go on."""
        self._gone += len(data)
        stopped = self._stop and data.startswith(self._stop)
        if not stopped and (self._most is None or self._gone <= self._most):
            return True
        self.full.set()
        if self._cut:
            self._hang_up()
            return False
        self._open.wait()
        return True


@contextlib.contextmanager
def line(to: Shelf) -> Iterator[Line]:
    """Lay a line to a registry."""
    one = Line(to.address)
    try:
        yield one
    finally:
        one.close()


def docker_config(folder: Path, **logins: tuple[str, str]) -> Path:
    """Make a folder for DOCKER_CONFIG that has the machine's plugins and these ``logins``."""
    import base64

    folder.mkdir(parents=True, exist_ok=True)
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    if (own / "cli-plugins").is_dir():
        (folder / "cli-plugins").symlink_to(own / "cli-plugins")
    auths = {
        server: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}
        for server, (user, password) in logins.items()
    }
    (folder / "config.json").write_text(json.dumps({"auths": auths}))
    return folder


def _self_signed(folder: Path) -> str:
    """Make a certificate that nobody vouches for; return the settings that name it."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=harbour"]
    words += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    words += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(words, check=True, capture_output=True)
    return f", tls: {{certificate: {certificate}, key: {key}}}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _answers(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
