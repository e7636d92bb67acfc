"""Compose, called for a deployment: the files as they are, with images by their digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from seatrial.deploy.base import Ground
from seatrial.host.processes import Completed
from seatrial.runtimes.docker.cli import failure
from seatrial.runtimes.docker.yamltext import RESET, text

ENVIRONMENT = "dev.seatrial.environment"
TRIAL = "dev.seatrial.trial"


class Files:
    """The compose files of one deployment.

    The labels that are laid over them say nothing of the checkout: a deployment from another
    folder or machine must not make everything look changed.
    """

    def __init__(self, ground: Ground) -> None:
        self._docker = ground.docker
        self._request = replace(ground.found.request, variables=ground.found.read.variables)
        self._services = ground.found.read.project.services
        self.labels: Mapping[str, str] = {ENVIRONMENT: self._request.key}

    async def run(self, images: Mapping[str, str], *words: str) -> Completed:
        """Run ``docker compose`` to its end with ``images`` in place of the files' own."""
        mine = {name: (image, self.labels) for name, image in images.items()}
        return await self._compose(mine, *words)

    async def done(self, what: str, images: Mapping[str, str], *words: str) -> Completed:
        """Run it. Raises ``EnvironmentFailure`` that begins with ``what`` where it fails."""
        done = await self.run(images, *words)
        if not done.ok:
            raise failure(what, done)
        return done

    async def hashes(
        self, services: Mapping[str, tuple[str, Mapping[str, str]]]
    ) -> Mapping[str, str]:
        """Return Compose's hash of each service as it would be with that image and those labels."""
        done = await self._compose(services, "config", "--hash", "*")
        if not done.ok:
            raise failure(f"Compose does not take the files of {self._request.key}", done)
        pairs = (line.split() for line in done.out.splitlines())
        return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}

    async def _compose(
        self, services: Mapping[str, tuple[str, Mapping[str, str]]], *words: str
    ) -> Completed:
        over: dict[str, object] = {}
        for name, service in self._services.items():
            image, labels = services.get(name, ("", self.labels))
            settings: dict[str, object] = {"labels": dict(labels)} if labels else {}
            if image:
                settings["image"] = image
                if service.build is not None:
                    settings["build"] = RESET
            over[name] = settings
        document = text({"services": over})
        return await self._docker.compose(self._request, self._request.project, document, *words)
