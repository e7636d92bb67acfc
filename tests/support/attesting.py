"""A second engine whose images lie in the store of containerd: its builder can attach attestations.

It runs in a network of its own, with a registry beside it: a second engine would take the bridge of
the first one away.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.program import until

_DAEMON = {
    "features": {"containerd-snapshotter": True},
    "iptables": False,
    "ip6tables": False,
    "ip-forward": False,
    "ip-masq": False,
}
_REGISTRY = """
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}/images}}}}
http: {{addr: "127.0.0.1:5000"}}
"""
REGISTRY = "127.0.0.1:5000"


@dataclass(frozen=True)
class Attesting:
    """The engine; ``inside`` are the words before a command that is to run in its network."""

    host: str
    inside: tuple[str, ...]

    def docker(self, *words: str, input: bytes | None = None) -> str:
        """Return what docker prints that talks to this engine."""
        answer = subprocess.run(
            [*self.inside, "docker", *words],
            env={**os.environ, "DOCKER_HOST": self.host},
            input=input,
            capture_output=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr.decode()
        return answer.stdout.decode()

    def take(self, image: str) -> None:
        """Copy an image of the machine's engine here."""
        saved = subprocess.run(["docker", "save", image], capture_output=True, check=True)
        self.docker("load", input=saved.stdout)


@contextlib.contextmanager
def attesting(folder: Path) -> Iterator[Attesting]:
    """Run the engine and its registry; both, and all that they hold, are gone at the end."""
    path = _path()
    wanted = ("dockerd", "docker-registry", "unshare", "nsenter", "ip")
    programs = [shutil.which(name, path=path) for name in wanted]
    if os.geteuid() != 0 or None in programs:
        pytest.skip(f"needs root, and {', '.join(wanted)} (scripts/engine brings the first two)")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "daemon.json").write_text(json.dumps(_DAEMON))
    (folder / "registry.yml").write_text(_REGISTRY.format(folder=folder))
    host = f"unix://{folder}/socket"
    words = [
        *(f"--config-file={folder}/daemon.json", f"--data-root={folder}/data", f"--host={host}"),
        *(f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"),
        *(
            f"--containerd-namespace=t{os.getpid()}",
            f"--containerd-plugins-namespace=p{os.getpid()}",
        ),
    ]
    script = (
        'ip link set lo up; "$1" serve "$2" & registry=$!; shift 2; "$@"; code=$?; '
        "kill $registry; exit $code"
    )
    shell = ["sh", "-c", script, "sh", str(programs[1]), f"{folder}/registry.yml"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--net", "--", *shell, str(programs[0]), *words],
            env={**os.environ, "PATH": path},
            stdout=log,
            stderr=log,
        )
    inside = ("nsenter", f"--net=/proc/{process.pid}/ns/net")
    try:
        until(lambda: _answers(host) or process.poll() is not None, "the second engine's answer")
        assert process.poll() is None, (folder / "log").read_text()
        yield Attesting(host, inside)
    finally:
        _end(folder, process)


def _end(folder: Path, process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError, ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 15)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _path() -> str:
    """Return where the engine's own programs are, besides PATH: scripts/engine keeps them apart."""
    socket = os.environ.get("DOCKER_HOST", "").removeprefix("unix://")
    own = [str(Path(socket).parent / "root/usr" / name) for name in ("sbin", "bin")]
    return os.pathsep.join((*own, os.environ["PATH"], "/usr/sbin", "/sbin"))


def _answers(host: str) -> bool:
    answer = subprocess.run(
        ["docker", "version"],
        env={**os.environ, "DOCKER_HOST": host},
        capture_output=True,
        check=False,
    )
    return answer.returncode == 0
