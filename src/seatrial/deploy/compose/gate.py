"""Waits until new containers are healthy, and watches that they stay so."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from seatrial.composefile.model import ComposeService
from seatrial.deploy.base import Ground
from seatrial.errors import EnvironmentFailure, SeatrialError
from seatrial.runtimes.docker import evidence
from seatrial.runtimes.docker.readiness import Unready, Waiting
from seatrial.runtimes.docker.standing.look import Changes, Stood, stood
from seatrial.runtimes.docker.standing.ready import trouble
from seatrial.runtimes.docker.watch import State
from seatrial.runtimes.docker.waves import must_end

# An event may be lost with its stream: the engine is asked this often in any case, in seconds.
_LOOK = 1.0


@dataclass(frozen=True, slots=True)
class Gate:
    """What lets containers of one deployment through; ``changes`` wakes it."""

    ground: Ground
    changes: Changes

    async def passed(self, service: ComposeService, ids: Collection[str]) -> float:
        """Return when all of ``ids`` were healthy, on the run's clock, once they stayed so.

        A one-shot must have ended with 0. Raises ``EnvironmentFailure`` and ``DeadlinePassed``
        with the last log lines of the one to blame.
        """
        if not ids:
            raise EnvironmentFailure(
                f"no container of {service.name} was made", where=service.where
            )
        try:
            return await self._watch(service, ids)
        except Unready as error:
            raise await evidence.failed(self.ground.docker, error) from None

    async def _watch(self, service: ComposeService, ids: Collection[str]) -> float:
        order, clock = self.ground.order, self.ground.context.clock
        one_shot = service.name in must_end(self.ground.found.read.project)
        began, good = clock.at(), None
        restarts: dict[str, int] = {}
        while True:
            self.changes.happened.clear()
            seen = await self._look(service, ids)
            now = clock.at()
            if all(_is_good(one, one_shot=one_shot) for one in seen):
                restarts = restarts or {one.container.id: one.restarts for one in seen}
                good = now if good is None else good
                self._must_not_restart(service, seen, restarts)
                if one_shot or now - good >= order.watch:
                    return good
            elif good is not None:
                raise _fell(service, seen)
            elif now - began >= order.timeout:
                raise await self._too_late(service, seen, one_shot=one_shot)
            await self._something()

    async def _look(self, service: ComposeService, ids: Collection[str]) -> list[Stood]:
        """Return the containers as they are. Raises ``Unready`` where one will not be healthy."""
        project = self.ground.found.read.project
        facts = await self.ground.docker.inspected("container", list(ids))
        seen = [stood(one) for one in facts]
        if len(seen) < len(ids):
            # An engine that is gone answers no more than one whose container is.
            await self.ground.docker.asked("version", "--format", "{{.Server.Version}}")
            gone = next(id for id in ids if id not in {one.container.id for one in seen})
            raise Unready(service, State(gone, service.name), "was removed by somebody else")
        for one in seen:
            if said := trouble(one, project, must_end(project)):
                raise Unready(service, State(one.container.id, service.name), said)
        return seen

    def _must_not_restart(
        self, service: ComposeService, seen: Sequence[Stood], restarts: dict[str, int]
    ) -> None:
        for one in seen:
            if one.restarts > restarts[one.container.id]:
                raise _fell(service, [one])

    async def _too_late(
        self, service: ComposeService, seen: Sequence[Stood], *, one_shot: bool
    ) -> SeatrialError:
        waits = [
            Waiting(service, State(one.container.id, service.name), one.container, one_shot)
            for one in seen
            if not _is_good(one, one_shot=one_shot)
        ]
        error = await evidence.too_late(
            self.ground.docker, service.name, self.ground.order.timeout, waits, ()
        )
        error.mend = "see its log below, or give it more time: --timeout"
        return error

    async def _something(self) -> None:
        try:
            async with asyncio.timeout(_LOOK):
                await self.changes.happened.wait()
        except TimeoutError:
            return


def _is_good(one: Stood, *, one_shot: bool) -> bool:
    facts = one.container
    if one_shot:
        return one.ended and facts.exit_code == 0
    return facts.status == "running" and facts.health in ("", "healthy")


def _fell(service: ComposeService, seen: Sequence[Stood]) -> Unready:
    """Return the error for a service that was healthy and is not any more."""
    worst = next((one for one in seen if not _is_good(one, one_shot=False)), seen[0])
    facts = worst.container
    how = f"then died with {facts.exit_code}" if facts.status != "running" else "then restarted"
    if facts.status == "running" and facts.health == "unhealthy":
        how = "then became unhealthy"
    state = State(facts.id, service.name)
    return Unready(service, state, f"came up and {how}")
