"""What the provider for NATS reads in a command, and the stand-in for wget."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.composefile.model import ComposeService, Port
from seatrial.errors import Refused, RuntimeMissing, Where
from seatrial.runtimes.process import images
from seatrial.runtimes.process.paths import PathMap
from seatrial.runtimes.process.programs import wget
from seatrial.runtimes.process.providers import nats
from seatrial.runtimes.process.providers.base import Asked

WHERE = Where(Path("compose.yml"), 3)
PROGRAM = Path("/usr/sbin/nats-server")


def asked(*command: str, published: tuple[int, ...] = ()) -> Asked:
    ports = tuple(Port(port, WHERE) for port in published)
    service = ComposeService("nats", WHERE, {}, image="nats:2", command=command, ports=ports)
    return Asked(service, images.parse("nats:2"), {}, command, PathMap([]))


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats, "find", lambda: PROGRAM)


@pytest.mark.parametrize(
    "image", ["nats", "nats:2-alpine", "docker.io/library/nats:2", "mirror:5000/library/nats"]
)
def test_the_official_image_and_its_mirrors_are_served(image: str) -> None:
    assert nats.NatsProvider().serves(images.parse(image))


@pytest.mark.parametrize("image", ["natsio/nats-box", "nats-streaming:0.25"])
def test_other_images_of_nats_are_not(image: str) -> None:
    assert not nats.NatsProvider().serves(images.parse(image))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("command", "published", "ports"),
    [
        ((), (), (4222, 8222)),
        (("-js",), (), (4222,)),
        (("-js", "-m", "8222"), (), (4222, 8222)),
        (("nats-server", "-p", "4333", "--http_port=8333"), (), (4333, 8333)),
        (("-c", "/etc/nats.conf"), (4222,), (4222,)),
        (("-c", "/etc/nats.conf"), (4222, 8222), (4222, 8222)),
    ],
)
def test_its_ports_are_those_of_its_command(
    command: tuple[str, ...], published: tuple[int, ...], ports: tuple[int, ...]
) -> None:
    assert nats.NatsProvider().serve(asked(*command, published=published)).ports == ports


@pytest.mark.usefixtures("installed")
def test_a_password_is_not_shown() -> None:
    server = nats.NatsProvider().serve(asked("--user", "shop", "--pass", "hush"))
    assert server.command == "nats-server --user shop --pass '***'"


@pytest.mark.usefixtures("installed")
def test_another_program_of_the_image_is_refused() -> None:
    with pytest.raises(Refused, match="starts nats, not nats-server"):
        nats.NatsProvider().serve(asked("nats", "pub"))


def test_a_machine_without_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats, "find", lambda: None)
    with pytest.raises(RuntimeMissing, match="no NATS server for nats:2") as caught:
        nats.NatsProvider().serve(asked())
    assert "apt-get install nats-server" in (caught.value.mend or "")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "healthz").write_text("ok\n")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    def handler(*args: object, **more: object) -> Quiet:
        return Quiet(*args, directory=str(tmp_path), **more)  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = {"poll_interval": 0.01}
        threading.Thread(target=server.serve_forever, kwargs=serving).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def run_wget(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", wget.__file__, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words",
    [
        ("-q", "--spider"),
        ("--quiet", "--tries=1", "--spider"),
        ("--no-verbose", "--tries", "1", "-T", "2", "-qO", "/dev/null"),
    ],
)
def test_wget_ends_with_0_for_what_is_there_and_1_for_what_is_not(
    served: str, words: tuple[str, ...]
) -> None:
    assert run_wget(*words, f"{served}/healthz").returncode == 0
    missing = run_wget(*words, f"{served}/nothing")
    assert (missing.returncode, missing.stderr.strip()) == (
        1,
        "wget: server returned error: HTTP 404",
    )


def test_wget_prints_what_it_got(served: str) -> None:
    assert run_wget("-qO-", f"{served}/healthz").stdout == "ok\n"
