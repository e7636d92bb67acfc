"""Compose, called for a deployment: the files as they are, with images by their digests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from seatrial.deploy.base import Ground
from seatrial.deploy.swarm.stack import unescaped
from seatrial.errors import DeadlinePassed
from seatrial.host.processes import Completed
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import failure
from seatrial.runtimes.docker.yamltext import RESET, override, text

# Keys of services that are laid over the files.
Settings = Mapping[str, Mapping[str, object]]
_NOTHING: Settings = MappingProxyType({})
# Seconds for one call: nothing is pulled or built by then, and the longest grace is some minutes.
_LONGEST = 600.0
TRIAL = "dev.seatrial.trial"
# The fixed name that a deployment gives a container by itself: Compose makes none beside another
# one that has its name.
NAMED = "dev.seatrial.named"


class Files:
    """The compose files of one deployment.

    The labels that are laid over them say nothing of the checkout: a deployment from another
    folder or machine must not make everything look changed.
    """

    def __init__(self, ground: Ground) -> None:
        self._docker = ground.docker
        self._request = replace(ground.found.request, variables=ground.found.read.variables)
        self._services = ground.found.read.project.services
        self.labels: Mapping[str, str] = {labels.ENVIRONMENT: self._request.key}

    async def done(
        self,
        what: str,
        images: Mapping[str, str],
        *words: str,
        nameless: str = "",
        network: str = "",
    ) -> Completed:
        """Run ``docker compose`` to its end with ``images`` in place of the files' own.

        The service ``nameless`` is made without its ``container_name``, and in the network of the
        container ``network`` where that is given. Raises ``EnvironmentFailure`` that begins with
        ``what`` where it fails.
        """
        mine = {name: (image, self.labels) for name, image in images.items()}
        fixed = self._services[nameless].container_name if nameless else None
        if fixed:
            image = images.get(nameless, "")
            mine[nameless] = (image, {**self.labels, NAMED: fixed})
        # What Compose itself makes of a service's name, of which there may be two containers now.
        more = {nameless: {"network_mode": f"container:{network}"}} if network else {}
        done = await self._compose(mine, *words, more=more)
        if not done.ok:
            raise failure(what, done)
        return done

    async def config(self) -> str:
        """Return the files as Compose reads them, merged, in JSON."""
        return self._taken(await self._compose({}, "config", "--format", "json")).out

    async def hashes(
        self, services: Mapping[str, tuple[str, Mapping[str, str]]]
    ) -> Mapping[str, str]:
        """Return Compose's hash of each service as it would be with that image and those labels."""
        more = await self._environments()
        done = self._taken(await self._compose(services, "config", "--hash", "*", more=more))
        pairs = (line.split() for line in done.out.splitlines())
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

    async def _environments(self) -> Settings:
        """Return the variables of services with an ``env_file``, to stand in its place.

        Compose puts them in place of the file before it hashes what it makes, and not where it is
        asked for a hash.
        """
        if not any("env_file" in service.keys for service in self._services.values()):
            return {}
        services = unescaped(json.loads(await self.config()))["services"]
        return {
            name: {
                "env_file": RESET,
                "environment": override((services.get(name) or {}).get("environment") or {}),
            }
            for name, service in self._services.items()
            if "env_file" in service.keys
        }

    def _taken(self, done: Completed) -> Completed:
        if not done.ok:
            raise failure(f"Compose does not take the files of {self._request.key}", done)
        return done

    async def _compose(
        self,
        services: Mapping[str, tuple[str, Mapping[str, str]]],
        *words: str,
        more: Settings = _NOTHING,
    ) -> Completed:
        over: dict[str, object] = {}
        for name, service in self._services.items():
            image, labels = services.get(name, ("", self.labels))
            settings: dict[str, object] = {"labels": dict(labels)} if labels else {}
            if NAMED in labels and service.container_name:
                settings["container_name"] = RESET
            if image:
                settings["image"] = image
                if service.build is not None:
                    settings["build"] = RESET
            over[name] = {**settings, **more.get(name, {})}
        document = text({"services": over})
        project = self._request.project
        try:
            async with asyncio.timeout(_LONGEST):
                return await self._docker.compose(self._request, project, document, *words)
        except TimeoutError:
            what = f"docker compose {words[0]} did not end within {_LONGEST:g} s"
            raise DeadlinePassed(what, mend="see whether the engine is still reached") from None
