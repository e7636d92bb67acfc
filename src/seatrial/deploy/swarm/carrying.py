"""Carries a planned deployment out on a Swarm, and goes back where it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial import events
from seatrial.deploy.base import Ground, NotDeployed
from seatrial.deploy.model import Act, DeployPlan, Step
from seatrial.deploy.swarm import objects
from seatrial.deploy.swarm.cluster import Cluster
from seatrial.deploy.swarm.facts import Service
from seatrial.deploy.swarm.now import Now, ran
from seatrial.deploy.swarm.objects import Object
from seatrial.deploy.swarm.order import waves
from seatrial.deploy.swarm.planning import MOVES
from seatrial.deploy.swarm.settling import End, Patience, Settled, Waiting
from seatrial.deploy.swarm.stack import Stack
from seatrial.errors import DeadlinePassed, EnvironmentFailure, SeatrialError
from seatrial.events import Phase
from seatrial.runtimes.docker.cli import failure

# Seconds for the CLI to hand a stack over.
_HAND_OVER = 120.0
# A Swarm that goes back in the moment in which it is told to comes forward again: it is told twice.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Work:
    """What was planned, and on what; ``stack`` is ``None`` on the way back to the last one."""

    ground: Ground
    cluster: Cluster
    now: Now
    stack: Stack | None
    missing: tuple[Object, ...]


class Carrying:
    """Moves services wave by wave. What it touched is known, so that it can be taken back."""

    def __init__(self, work: Work, plan: DeployPlan) -> None:
        self._work = work
        self._plan = plan
        self._ground = work.ground
        self._cluster = work.cluster
        self._clock = work.ground.context.clock
        self._steps = {step.subject: step for step in plan.steps if step.act in MOVES}
        order = work.ground.order
        self._patience = Patience(order.timeout, order.watch)
        # Services that this deployment has changed, oldest first.
        self._touched: list[str] = []
        self._rolls: dict[str, float] = {}

    async def through(self) -> Mapping[str, float]:
        """Do all steps; return how many seconds each service took. Raises ``NotDeployed``."""
        try:
            if self._work.stack is None:
                await self._wave(tuple(self._steps))
            else:
                await self._all(self._work.stack)
        except SeatrialError as error:
            if not await self._go_back():
                name = self._cluster.stack
                error.mend = f"not all could be brought back: see `docker stack ps {name}`"
            raise NotDeployed(error, self._plan, await ran(self._cluster)) from error
        await self._tidy()
        return self._rolls

    async def _all(self, stack: Stack) -> None:
        for one in self._work.missing:
            await objects.create(self._ground.docker, stack.name, one)
        project = self._ground.found.read.project
        for wave in waves(project, self._steps, stack.jobs):
            await self._wave(wave)

    async def _wave(self, wave: tuple[str, ...]) -> None:
        """Move the services of ``wave`` together, and wait for all of them."""
        stack = self._work.stack
        jobs = stack.jobs if stack is not None else frozenset[str]()
        phase = Phase.MIGRATE if wave[0] in jobs else Phase.ROLL
        name = ", ".join(wave)
        began = self._clock.at()
        emit = self._ground.context.emit
        emit(events.PhaseStarted(began, phase, name, self._plan.environment, wave))
        ok = False
        try:
            old = {key: self._task_ids(key) for key in wave}
            await self._hand_over([key for key in wave if self._steps[key].act is not Act.UPDATE])
            for key in wave:
                await self._settle(key, old[key], is_job=key in jobs)
            ok = True
        finally:
            seconds = self._clock.at() - began
            emit(
                events.PhaseFinished(
                    self._clock.at(), phase, name, seconds, self._plan.environment, ok
                )
            )

    async def _hand_over(self, keys: list[str]) -> None:
        docker, stack = self._ground.docker, self._work.stack
        if not keys:
            return
        self._touched += keys
        if stack is None:
            for key in keys:
                await self._roll_back(self._work.now.services[key])
            return
        for key in set(keys) & stack.jobs & self._work.now.services.keys():
            # A job runs once; its next run is another one.
            await docker.asked("service", "rm", self._work.now.services[key].id)
            await self._over(key)
        words = ("stack", "deploy", "--with-registry-auth", "--detach=true")
        done = await docker.processes.run(
            ("docker", *words, "--resolve-image", "never", "-c", "-", stack.name),
            env=docker.engine,
            input=stack.file(keys, self._ground.context.run),
            timeout=_HAND_OVER,
        )
        if not done.ok:
            raise failure(f"the Swarm does not take {', '.join(keys)}", done)

    async def _over(self, key: str) -> None:
        """Wait for the end of an earlier run of a job, so that two do not work on the same data."""
        tasks = [task for task in self._work.now.tasks.get(key, ()) if task.at_work]
        limit = self._clock.at() + self._patience.timeout
        while not await self._cluster.over(tasks):
            if self._clock.at() > limit:
                nodes = ", ".join(sorted({task.node for task in tasks}))
                raise DeadlinePassed(
                    f"an earlier run of {key} does not end on {nodes}",
                    mend=f"see that node, end it there, and deploy again; {key} was removed",
                )
            await asyncio.sleep(self._patience.pause)

    async def _settle(self, key: str, old: frozenset[str], *, is_job: bool) -> None:
        is_new = key not in self._work.now.services
        waiting = Waiting(self._cluster, self._clock, key, self._patience)
        settled = await waiting.settled(old, is_new=is_new, is_job=is_job)
        self._rolls[key] = settled.seconds
        on_the_way_back = self._work.stack is None and settled.end is End.WENT_BACK
        if settled.end is not End.GOOD and not on_the_way_back:
            raise await self._failed(settled, is_job=is_job)
        self._ground.context.emit(
            events.ServiceReady(self._clock.at(), self._plan.environment, key, settled.seconds)
        )

    def _task_ids(self, key: str) -> frozenset[str]:
        if self._steps[key].act is Act.UPDATE:
            # Its tasks of a moment ago are those that are waited for.
            return frozenset()
        return frozenset(task.id for task in self._work.now.tasks.get(key, ()))

    async def _failed(self, settled: Settled, *, is_job: bool) -> SeatrialError:
        task = settled.worst
        logs = await self._cluster.logs(task) if task is not None else ()
        place = f" on {task.node}" if task is not None and task.node else ""
        words = {
            End.FAILED: f"the job {settled.key} failed"
            if is_job
            else f"{settled.key} does not run",
            End.WENT_BACK: f"the new {settled.key} did not stay up, and the Swarm went back",
            End.STUCK: f"the new {settled.key} did not stay up, and its rolling was paused",
            End.GONE: f"{settled.key} was removed while it was deployed",
            End.LATE: f"{settled.key} was not ready within {self._patience.timeout:g} s",
        }[settled.end]
        why = settled.why
        if task is not None:
            why = task.error or ("it ended by itself, or was not healthy" if task.ended else why)
        kind = DeadlinePassed if settled.end is End.LATE else EnvironmentFailure
        project = self._ground.found.read.project
        where = project.services[settled.key].where if settled.key in project.services else None
        return kind(
            f"{words}{place}: {why.rstrip('.')}" if why else words,
            where=where,
            mend="all is as before; correct it and deploy again"
            + (" (what the job did to the data stays)" if is_job else ""),
            detail=logs,
        )

    async def _go_back(self) -> bool:
        """Bring what was touched back to what ran before; what was new is removed.

        Return whether all of it came back.
        """
        if not self._touched:
            return True
        began, emit = self._clock.at(), self._ground.context.emit
        name = ", ".join(self._touched)
        emit(events.PhaseStarted(began, Phase.GO_BACK, name, self._plan.environment))
        good = True
        for key in reversed(self._touched):
            try:
                good = await self._back(key) and good
            except SeatrialError:
                good = False
        seconds = self._clock.at() - began
        emit(
            events.PhaseFinished(
                self._clock.at(), Phase.GO_BACK, name, seconds, self._plan.environment, good
            )
        )
        return good

    async def _back(self, key: str) -> bool:
        """Bring one service back; return whether it is what it was."""
        before = self._work.now.services.get(key)
        for _ in range(_TRIES):
            service = await self._cluster.service(key)
            if service is None:
                # Of a job that was removed nothing is to be brought back.
                return before is None or before.is_job
            if before is None or service.id != before.id:
                # It was not there; a job's earlier run cannot be brought back and has ended anyway.
                done = await self._ground.docker.run("service", "rm", service.id)
                return done.ok
            # The label changes with each deployment, whatever else that changed.
            is_back = service.deployment == before.deployment
            if is_back and not service.under_way:
                return service.update == before.update or not service.paused
            if not is_back:
                if service.deployment_before != before.deployment:
                    return False
                await self._roll_back(service)
            waiting = Waiting(self._cluster, self._clock, key, self._patience)
            settled = await waiting.settled(frozenset(), is_new=False)
            if settled.end is End.LATE:
                return False
        return False

    async def _roll_back(self, service: Service) -> None:
        await self._ground.docker.asked("service", "rollback", "--detach=true", service.id)

    async def _tidy(self) -> None:
        """Remove services that the files have no more, then secrets and configs of no use."""
        gone = [step for step in self._plan.steps if step.act is Act.REMOVE]
        for step in gone:
            await self._ground.docker.asked("service", "rm", self._id(step))
        services = await self._cluster.services()
        await objects.prune(self._ground.docker, self._cluster.stack, services.values())

    def _id(self, step: Step) -> str:
        return self._work.now.services[step.subject].id
