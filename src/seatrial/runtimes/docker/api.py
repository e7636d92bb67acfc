"""The engine's own HTTP interface: what a run asks of it all the time, without a program each time.

The ``docker`` CLI knows the way to the engine. Where that is a socket of this machine it is taken
directly; anything else (TLS, SSH, a socket that only the CLI may open) goes through
``docker system dial-stdio``, which is a plain connection over the CLI.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from seatrial.errors import DeadlinePassed, EnvironmentFailure
from seatrial.host import docker_home
from seatrial.host.processes import Overlay, Processes

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
# Newer engines are spoken to as this one: what is read here is known to be in its answers.
_KNOWN = (1, 51)
_STATUS = re.compile(rb"HTTP/1\.[01] \d{3}\b")
_VERSION = re.compile(rb"^Api-Version: *([\d.]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered: its status, and the JSON of it (text where it is none)."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Return whether it was done, or was so already."""
        return self.status < 400

    @property
    def said(self) -> str:
        """Return what the engine said against it; empty where it said nothing."""
        message = self.body.get("message") if isinstance(self.body, dict) else self.body
        return "" if self.ok else str(message or f"status {self.status}").strip()


class Api:
    """Asks one engine; ``engine`` are the variables with which the CLI reaches it."""

    def __init__(self, processes: Processes, engine: Overlay) -> None:
        self._processes = processes
        self._engine = engine
        self._address: str | None = None
        self._version: str | None = None

    async def address(self) -> str:
        """Return the engine's address, as the CLI knows it: ``unix://``, ``tcp://``, ``ssh://``."""
        if self._address is None:
            environment = self._processes.merged(self._engine)
            context = docker_home.context(environment)
            if context == "default":
                self._address = environment.get("DOCKER_HOST") or DEFAULT_ADDRESS
            else:
                self._address = await self._address_of(context)
        return self._address

    async def facts(self) -> Mapping[str, Any]:
        """Return what the engine says of itself: ``Version``, ``ApiVersion``, ``KernelVersion``.

        Raises ``EnvironmentFailure`` where it does not.
        """
        answer = await self._asked("GET", "/version")
        if not answer.ok or not isinstance(answer.body, dict):
            raise EnvironmentFailure("the engine says nothing of itself", detail=(answer.said,))
        return answer.body

    async def ask(
        self, method: str, path: str, *, timeout: float | None = None, **query: object
    ) -> Answer:
        """Return the engine's answer, whatever its status; ``query`` goes there as JSON.

        ``timeout`` is in seconds. Raises ``EnvironmentFailure`` where no answer comes,
        ``DeadlinePassed`` where it takes longer than that.
        """
        words = {name: json.dumps(value) for name, value in query.items()}
        target = f"{path}?{urlencode(words)}" if words else path
        try:
            async with asyncio.timeout(timeout):
                if self._version is None:
                    self._version = _spoken(await self._exchanged("GET", "/_ping"))
                return await self._asked(method, f"/v{self._version}{target}")
        except TimeoutError:
            raise DeadlinePassed(f"the engine did not answer within {timeout:g} s") from None

    async def _asked(self, method: str, target: str) -> Answer:
        raw = await self._exchanged(method, target)
        head, _, body = raw.partition(b"\r\n\r\n")
        status = int(head.split(maxsplit=2)[1])
        try:
            return Answer(status, json.loads(body) if body else None)
        except ValueError:
            # Engines may refuse in plain words, but what they tell is JSON.
            if status < 400:
                raise _broken_off() from None
            return Answer(status, body.decode(errors="replace"))

    async def _exchanged(self, method: str, target: str) -> bytes:
        """Return all that the engine sends. By HTTP 1.0 that ends where the connection does."""
        lines = (f"{method} {target} HTTP/1.0", "Host: docker", "Content-Length: 0", "", "")
        request = "\r\n".join(lines).encode()
        address = urlsplit(await self.address())
        raw = None
        if address.scheme == "unix":
            raw = await _over_socket(address.path, request)
        if raw is None:
            raw = await self._over_cli(request)
        if not _STATUS.match(raw):
            raise _broken_off()
        return raw

    async def _over_cli(self, request: bytes) -> bytes:
        done = await self._processes.run(
            ("docker", "system", "dial-stdio"), env=self._engine, input=request, hold=True
        )
        if not done.out:
            said = tuple(line for line in done.err.splitlines() if line.strip())
            raise EnvironmentFailure("no Docker engine answers", detail=said[-1:])
        return done.out.encode()

    async def _address_of(self, context: str) -> str:
        words = ("docker", "context", "inspect", context)
        form = ("--format", "{{.Endpoints.docker.Host}}")
        done = await self._processes.run((*words, *form), env=self._engine)
        return done.out.strip() or DEFAULT_ADDRESS


def path(kind: str, name: str) -> str:
    """Return where one container, image, network, … is found. Pure."""
    at = f"/{kind}s/{quote(name, safe='/:@')}"
    return f"{at}/json" if kind in ("container", "image") else at


def _spoken(raw: bytes) -> str:
    """Return the version of the interface to speak: the engine's own, unless it is newer. Pure."""
    match = _VERSION.search(raw)
    theirs = tuple(map(int, match[1].split(b"."))) if match else _KNOWN
    return ".".join(map(str, min(theirs, _KNOWN)))


def _broken_off() -> EnvironmentFailure:
    return EnvironmentFailure(
        "the Docker engine broke off its answer", mend="see whether it still runs: `docker version`"
    )


async def _over_socket(path: str, request: bytes) -> bytes | None:
    """Return the answer; ``None`` where the socket is not there or not for us."""
    try:
        reader, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return None
    try:
        writer.write(request)
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.close()
