"""NATS for ``nats`` images: the system's ``nats-server``.

Honours the flags and the configuration file in ``command`` (``-js -sd /data -m 8222``). Without a
command the image reads a file of its own that serves monitoring on 8222
(https://hub.docker.com/_/nats).
"""

from __future__ import annotations

import posixpath
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial.errors import RuntimeMissing
from seatrial.events import Notice
from seatrial.runtimes.process.images import ImageRef
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.keys import refusal
from seatrial.runtimes.process.providers.base import Asked, Launch, Place

_CLIENTS, _MONITORING = 4222, 8222
# Debian has it where only root looks.
_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin"
# Spellings of the settings that say where the server lives: ours are given instead.
_PORT = ("-p", "--port", "-port")
_MONITOR = ("-m", "--http_port", "-http_port", "-ms", "--https_port", "-https_port")
_STORE = ("-sd", "--store_dir", "-store_dir", "--sd")
_HOST = ("-a", "--addr", "-addr", "--net", "-net")
_CONFIG = ("-c", "--config", "-config")
_SECRETS = ("--pass", "-pass", "--auth", "-auth")
# The server greets whoever connects, once it serves.
_GREETED = (
    "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 2); "
    "sys.exit(s.recv(4) != b'INFO')"
)


class NatsProvider:
    """Stands in for NATS images."""

    name = "nats"

    def serves(self, image: ImageRef) -> bool:
        """Return whether it is the official image or a mirror of it."""
        return image.repository == "nats" or image.repository.endswith("/library/nats")

    def serve(self, asked: Asked) -> NatsServer:
        """Return the server; see :class:`Provider`."""
        service = asked.service
        words = list(asked.command)
        if words and posixpath.basename(words[0]) == "docker-entrypoint.sh":
            words = words[1:]
        if words and posixpath.basename(words[0]) == "nats-server":
            words = words[1:]
        where = service.keys.get("command", service.where)
        if words and not words[0].startswith("-"):
            raise refusal(service, f"its command starts {words[0]}, not nats-server", where)
        program = find()
        if program is None:
            raise RuntimeMissing(
                f"no NATS server for {asked.image.text}",
                where=service.keys.get("image", service.where),
                mend="install it: apt-get install nats-server, or brew install nats-server",
            )
        return NatsServer(asked, program, tuple(asked.files.translated(word) for word in words))


class NatsServer:
    """One NATS service."""

    # The data is thrown away.
    stop_signal = "SIGKILL"
    clean_signal = "SIGTERM"

    def __init__(self, asked: Asked, program: Path, flags: tuple[str, ...]) -> None:
        self._asked = asked
        self._program = program
        self._flags = flags
        self._port = _number(flags, _PORT) or _CLIENTS
        self._monitor = _number(flags, _MONITOR) or self._monitored()

    def _monitored(self) -> int | None:
        """Return the port that a configuration file, not a flag, has monitoring on."""
        service = self._asked.service
        asked = {*(port.target for port in service.ports), *service.expose}
        from_file = not self._flags or _value(self._flags, _CONFIG) is not None
        return _MONITORING if from_file and (not self._flags or _MONITORING in asked) else None

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the port for clients, and that of monitoring where it is on."""
        return (self._port, *([self._monitor] if self._monitor else []))

    @property
    def command(self) -> str:
        """Return the command without our own settings and without a password."""
        words = list(self._flags)
        for i, word in enumerate(words[:-1]):
            if word in _SECRETS:
                words[i + 1] = "***"
        return shlex.join(("nats-server", *words))

    @property
    def changes(self) -> tuple[str, ...]:
        """Return what serves the image."""
        return (f"image: {self._asked.image.text} → the nats-server of this machine",)

    def clients(self) -> tuple[Path, ...]:
        """Return none: the image has no client either."""
        return ()

    def client_env(self, _address: Address, _sockets: Path, /) -> Mapping[str, str]:
        """Return nothing: checks ask over HTTP."""
        return {}

    async def launch(self, place: Place) -> Launch:
        """Make the folder of its streams."""
        await self._compared(place)
        place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        host, port = place.address.host, str(place.address.port(self._port))
        own = ["--addr", host, "--port", port, "--store_dir", str(place.data)]
        if self._monitor is not None:
            own += ["--http_port", str(place.address.port(self._monitor))]
        rest = _without(self._flags, (*_PORT, *_MONITOR, *_STORE, *_HOST))
        ready = (sys.executable, "-I", "-S", "-c", _GREETED, host, port)
        return Launch((str(self._program), *rest, *own), place.data, ready=ready)

    async def _compared(self, place: Place) -> None:
        """Say which version serves where it is another major one than was asked for."""
        done = await place.processes.run((str(self._program), "--version"), env=place.env)
        version = done.out.strip().rpartition("v")[2]
        major = self._asked.image.major
        if major is not None and version.partition(".")[0] != str(major):
            place.notice(Notice.NEAREST_VERSION, self._asked.image.text, f"NATS {version}")


def find() -> Path | None:
    """Return the server's program."""
    found = shutil.which("nats-server") or shutil.which("nats-server", path=_FOLDERS)
    return Path(found) if found else None


def _value(flags: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the value of a flag, written ``-p 1`` or ``-p=1``."""
    for i, word in enumerate(flags):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else next(iter(flags[i + 1 : i + 2]), None)
    return None


def _number(flags: Sequence[str], names: Sequence[str]) -> int | None:
    text = _value(flags, names) or ""
    return int(text) if text.isdigit() else None


def _without(flags: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return ``flags`` without those of ``names`` and their values."""
    kept, skip = [], False
    for word in flags:
        if skip:
            skip = False
            continue
        name, equals, _ = word.partition("=")
        if name in names:
            skip = not equals
        else:
            kept.append(word)
    return kept
