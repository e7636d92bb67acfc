"""Waits until a service of a stack is what it was asked to be, or is known not to become it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from seatrial.deploy.swarm.cluster import Cluster
from seatrial.deploy.swarm.facts import Service, Task
from seatrial.errors import DeadlinePassed, EnvironmentFailure
from seatrial.host.clock import Clock

# So many tasks of a new service may fail before it is given up: what it needs may come a moment
# later. Where one ran before, Swarm itself goes back after the first.
_FAILURES = 3
# Seconds for which a Swarm may be silent.
_SILENCE = 30.0
# Seconds in which a Swarm begins to replace tasks, if it has to replace any.
_BEGINS = 1.0


class End(StrEnum):
    """How it ended."""

    GOOD = "good"
    WENT_BACK = "went-back"
    STUCK = "stuck"
    FAILED = "failed"
    LATE = "late"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Settled:
    """The end of a wait; ``worst`` is the newest task that failed, or waits in vain."""

    key: str
    end: End
    seconds: float
    why: str = ""
    worst: Task | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: ``timeout`` without any progress, ``watch`` for which a new service must stay up.

    ``pause`` lies between two looks: the CLI has no way to wait for the state of a service.
    """

    timeout: float
    watch: float
    pause: float = 0.4


class Waiting:
    """Waits for one service."""

    def __init__(self, cluster: Cluster, clock: Clock, key: str, patience: Patience) -> None:
        self._cluster = cluster
        self._clock = clock
        self._key = key
        self._patience = patience
        self._began = self._moved = clock.at()
        self._old: frozenset[str] = frozenset()
        self._most = -1
        self._good_since: float | None = None

    async def settled(self, old: frozenset[str], *, is_new: bool, is_job: bool = False) -> Settled:
        """Return when it is settled; ``old`` are ids of tasks from before, which do not count.

        Raises ``EnvironmentFailure`` or ``DeadlinePassed`` where the Swarm is silent for long.
        """
        self._old = old
        heard = self._clock.at()
        while True:
            try:
                found = await self._found(is_new=is_new, is_job=is_job)
                heard = self._clock.at()
            except (EnvironmentFailure, DeadlinePassed):
                # Managers choose a new leader; a wire comes back. What was begun goes on meanwhile.
                if self._clock.at() - heard > _SILENCE:
                    raise
                found = None
            if found is not None:
                return found
            await asyncio.sleep(self._patience.pause)

    async def _found(self, *, is_new: bool, is_job: bool) -> Settled | None:
        """Return what one look at it decides; ``None`` where it is still to be waited for."""
        service = await self._cluster.service(self._key)
        if service is None:
            return self._end(End.GONE, "it was removed meanwhile")
        tasks = (await self._cluster.tasks([service]))[self._key]
        mine = [task for task in tasks if task.id not in self._old]
        found = (
            self._job(service, mine)
            if is_job
            else self._badly(service, mine, is_new) or await self._well(service, tasks, is_new)
        )
        if found is None and self._clock.at() - self._moved > self._patience.timeout:
            waits = next((t for t in mine if t.error and not t.runs), _worst(mine))
            why = waits.error if waits and waits.error else "it did not get healthy"
            return self._end(End.LATE, why, waits)
        return found

    def _job(self, service: Service, tasks: list[Task]) -> Settled | None:
        if not any(task.at_work for task in tasks) and any(
            task.state == "Complete" for task in tasks
        ):
            return self._end(End.GOOD)
        policy = service.template.get("RestartPolicy") or {}
        tries = 1 + (policy.get("MaxAttempts") or 0) * (policy.get("Condition") != "none")
        failed = [task for task in tasks if task.failed]
        self._progress(len(failed))
        if len(failed) >= tries:
            return self._end(End.FAILED, failed[0].error, failed[0])
        return None

    def _badly(self, service: Service, mine: list[Task], is_new: bool) -> Settled | None:
        worst = _worst(mine)
        if service.update == "rollback_completed":
            return self._end(End.WENT_BACK, service.message, worst)
        if service.paused:
            return self._end(End.STUCK, service.message, worst)
        ended = [task for task in mine if task.ended]
        if is_new and len(ended) >= _FAILURES:
            return self._end(End.FAILED, ended[0].error, ended[0])
        return None

    async def _well(
        self, service: Service, tasks: tuple[Task, ...], is_new: bool
    ) -> Settled | None:
        wanted = service.replicas
        if wanted is None:
            wanted = sum(task.wanted == "Running" for task in tasks)
        running = [task.id for task in tasks if task.runs]
        # New tasks are progress, whatever became of the old ones.
        self._progress(len({*running} - self._old))
        if (
            service.under_way
            or len(running) < wanted
            or await self._cluster.fresh(service, tasks) < wanted
        ):
            self._good_since = None
            return None
        now = self._clock.at()
        self._good_since = self._good_since if self._good_since is not None else now
        # Swarm itself watches an update and says so. New tasks of none, as those of one more
        # replica, are watched here; and whether other ports or places are to come, no task tells.
        watch = max(self._patience.watch, 0 if is_new else _BEGINS)
        if not service.update and now - self._good_since < watch:
            return None
        return self._end(End.GOOD)

    def _progress(self, count: int) -> None:
        if count > self._most:
            self._most, self._moved = count, self._clock.at()

    def _end(self, end: End, why: str = "", worst: Task | None = None) -> Settled:
        return Settled(self._key, end, self._clock.at() - self._began, why, worst)


def _worst(tasks: list[Task]) -> Task | None:
    return next((task for task in tasks if task.ended), None)
