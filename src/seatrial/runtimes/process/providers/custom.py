"""``[process.providers]``: a command of the user's own for an image."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from seatrial.errors import ConfigError, Where
from seatrial.runtimes.process.images import ImageRef
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.providers.base import Asked, Launch, Place

_FIELD = re.compile(r"\{(\w+)\}")


class CustomProvider:
    """``commands`` maps globs over images to the words of command templates.

    A template may hold ``{host}``, ``{port}`` (the first port of the service), ``{port_1025}`` (the
    port in use for a container port) and ``{data}`` (a fresh folder).
    """

    name = "custom"

    def __init__(self, commands: Mapping[str, Sequence[str]]) -> None:
        self._commands = commands

    def serves(self, image: ImageRef) -> bool:
        """Return whether a glob means ``image``."""
        return self._template(image) is not None

    def serve(self, asked: Asked) -> CustomServer:
        """Return the server. Raises ``ConfigError`` for an unknown field in the template."""
        template = tuple(self._template(asked.image) or ())
        service = asked.service
        ports = tuple(dict.fromkeys((*(p.target for p in service.ports), *service.expose)))
        known = {"host", "data", *(f"port_{p}" for p in ports), *(["port"] if ports else [])}
        for field in _FIELD.findall(" ".join(template)):
            if field not in known:
                raise ConfigError(
                    f"unknown field {{{field}}} in the command for {asked.image.text}",
                    where=Where(Path("seatrial.toml")),
                    mend="the fields are " + ", ".join(f"{{{k}}}" for k in sorted(known)),
                )
        return CustomServer(template, ports)

    def _template(self, image: ImageRef) -> Sequence[str] | None:
        return next((c for glob, c in self._commands.items() if image.matches(glob)), None)


class CustomServer:
    """One service run by the user's command."""

    stop_signal = "SIGTERM"
    clean_signal = "SIGTERM"

    def __init__(self, template: tuple[str, ...], ports: tuple[int, ...]) -> None:
        self._words = template
        self.command = shlex.join(template)
        self.ports = ports
        self.changes = ("command: from [process.providers]",)

    def clients(self) -> tuple[Path, ...]:
        """Return none."""
        return ()

    def client_env(self, _address: Address, _sockets: Path, /) -> Mapping[str, str]:
        """Return nothing: the user's command answers for its checks."""
        return {}

    async def launch(self, place: Place) -> Launch:
        """Fill the template in."""
        place.data.mkdir(parents=True, exist_ok=True)
        fields = {"host": place.address.host, "data": str(place.data)}
        fields |= {f"port_{port}": str(place.address.port(port)) for port in self.ports}
        if self.ports:
            fields["port"] = str(place.address.port(self.ports[0]))
        words = (_FIELD.sub(lambda found: fields[found.group(1)], word) for word in self._words)
        return Launch(tuple(words), place.data, place.variables)
