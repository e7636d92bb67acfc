"""Containers that a deployment ended: they stay until all is good, and may have to run again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from seatrial.deploy.base import Ground
from seatrial.deploy.compose.beginning import Beginning, start
from seatrial.deploy.compose.plan import host_of
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.cli import failure

# Seconds for the engine itself, beyond the grace that a service has.
_PATIENCE = 60.0


@dataclass
class Ended:
    """What was ended so far, by its ids."""

    ground: Ground
    ids: list[str] = field(default_factory=list)

    async def stop(self, ids: Sequence[str]) -> None:
        """End containers, each with the grace that it was made with. Raises the engine's error."""
        if ids:
            # Before it is asked for: the engine goes on with it though we are interrupted.
            self.ids += [id for id in ids if id not in self.ids]
            done = await self.ground.docker.run("stop", *ids)
            if not done.ok:
                raise failure("the engine could not stop containers", done)

    async def again(self, ids: Sequence[str], begin: Beginning) -> None:
        """Have those of ``ids`` run again that were ended, or are about to be."""
        back = [id for id in ids if id in self.ids]
        # One that is still on its way down would end after its start.
        await self.stop(back)
        await self.begin(back, begin)
        await self.rejoin(back)
        self.forget(back)

    async def begin(self, ids: Sequence[str], begin: Beginning) -> None:
        """Start containers."""
        await start(self.ground, ids, begin, _PATIENCE)

    async def rejoin(self, ids: Sequence[str]) -> None:
        """Restart those that run in the network of ``ids``: with each start that is another one."""
        services = self.ground.found.read.project.services.values()
        if not ids or not any(host_of(service) for service in services):
            return
        project = f"label={labels.COMPOSE_PROJECT}={self.ground.found.request.project}"
        listed = await self.ground.docker.asked("ps", "-q", "--no-trunc", "--filter", project)
        facts = await self.ground.docker.inspected("container", listed.split())
        hosts = {f"container:{id}" for id in ids}
        joined = [one["Id"] for one in facts if one["HostConfig"].get("NetworkMode") in hosts]
        if joined:
            done = await self.ground.docker.run("restart", *joined)
            if not done.ok:
                raise failure("the engine could not restart containers", done)

    def forget(self, ids: Collection[str]) -> None:
        """Count containers as not ended: they run again, or are removed."""
        self.ids = [id for id in self.ids if id not in ids]

    async def remove(self, ids: Collection[str]) -> None:
        """Remove containers, running or not; volumes stay, with a name or without."""
        if ids:
            done = await self.ground.docker.run("rm", "--force", *ids)
            if not done.ok and "No such container" not in done.err:
                raise failure("the engine could not remove containers", done)
