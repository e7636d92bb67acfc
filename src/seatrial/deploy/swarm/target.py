"""Plans a deployment on a Swarm, and has it carried out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from seatrial.composefile.lenient import dotenv
from seatrial.deploy.base import Ground
from seatrial.deploy.model import Act, Deployed, DeployPlan, Risk, Step, To, Warned
from seatrial.deploy.swarm import images, needs, objects, planning
from seatrial.deploy.swarm.back import steps_back
from seatrial.deploy.swarm.carrying import Carrying, Work
from seatrial.deploy.swarm.claim import claimed, holder
from seatrial.deploy.swarm.cluster import Cluster
from seatrial.deploy.swarm.now import Now, look, ran
from seatrial.deploy.swarm.objects import Object
from seatrial.deploy.swarm.pins import pins
from seatrial.deploy.swarm.stack import Known, Stack, convert, unescaped
from seatrial.errors import ConfigError, EnvironmentFailure
from seatrial.runtimes.docker.cli import failure
from seatrial.runtimes.docker.waves import must_end


class SwarmTarget:
    """One deployment; what was planned is kept for carrying it out."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._stack_name = ground.found.request.project
        self._cluster = Cluster(ground.docker, self._stack_name)
        self._work: Work | None = None

    async def plan(self) -> DeployPlan:
        """Return what would be done; see :meth:`seatrial.deploy.base.Target.plan`."""
        now = await look(self._cluster)
        if self._ground.order.rollback:
            return await self._plan_back(now)
        await needs.check_files(self._ground)
        await needs.check_alone(self._ground, self._stack_name)
        wanted = self._objects()
        await needs.check_swarm(self._ground, wanted)
        project = self._ground.found.read.project
        config = await self._config()
        jobs = must_end(project) | _jobs(config)
        moving = planning.may_move(self._ground.order, project, jobs, now.services)
        stack = await self._stack(now, config, jobs, moving, wanted)
        missing = await self._missing(wanted, moving)
        steps = planning.steps(self._ground.order, stack, project, now, missing)
        _check_pins(stack, now, steps)
        self._work = Work(self._ground, self._cluster, now, stack, missing)
        root = self._ground.found.request.root
        warnings = planning.warnings(stack, project, now, steps, root)
        return await self._said(now, steps, warnings)

    async def carry_out(self, plan: DeployPlan) -> Deployed:
        """Do it; see :meth:`seatrial.deploy.base.Target.carry_out`."""
        work, order = self._work, self._ground.order
        assert work is not None, "planned first"
        clock = self._ground.context.clock
        began = clock.at()
        if not plan.changes:
            return Deployed(plan, plan.before, clock.at() - began)
        async with claimed(self._ground.docker, self._stack_name, take_over=order.take_over):
            await self._still(work.now)
            rolls = await Carrying(work, plan).through()
        return Deployed(plan, await ran(self._cluster), clock.at() - began, rolls=rolls)

    async def _plan_back(self, now: Now) -> DeployPlan:
        needs.check_names(self._ground.order, now.services)
        steps = steps_back(now, self._ground.order.services)
        if not any(step.act is not Act.LEAVE for step in steps):
            raise EnvironmentFailure(
                f"{self._stack_name} has nothing to go back to: its last deployment changed"
                " nothing that can go back, or was taken back already",
                mend="deploy the version that you want: --version V",
            )
        self._work = Work(self._ground, self._cluster, now, None, ())
        return await self._said(now, steps, ())

    async def _said(
        self, now: Now, steps: tuple[Step, ...], warnings: tuple[Warned, ...]
    ) -> DeployPlan:
        ground = self._ground
        other = await holder(ground.docker, self._stack_name)
        if other is not None and other.is_dead:
            warnings = (Warned(Risk.BROKEN_OFF, self._stack_name, str(other)), *warnings)
        names = {node.id: node.name for node in now.nodes}
        return DeployPlan(
            to=To.SWARM,
            environment=ground.order.environment,
            project=self._stack_name,
            engine=f"{names.get(now.here, now.here)}, {len(now.nodes)} nodes",
            steps=steps,
            warnings=warnings,
            before=now.ran(),
        )

    def _objects(self) -> tuple[Object, ...]:
        request, read = self._ground.found.request, self._ground.found.read
        project = read.project
        variables = {**dotenv(request.files[0].parent, request.variables), **read.variables}
        secrets = {g.source for s in project.services.values() for g in s.secrets}
        configs = {g.source for s in project.services.values() for g in s.configs}
        return (
            *objects.wanted("secret", self._stack_name, project.secrets, secrets, variables),
            *objects.wanted("config", self._stack_name, project.configs, configs, variables),
        )

    async def _missing(
        self, wanted: tuple[Object, ...], moving: Collection[str]
    ) -> tuple[Object, ...]:
        """Return what is to be made for the services that may move."""
        services = self._ground.found.read.project.services
        grants = {
            (kind, grant.source)
            for name in moving
            for kind, granted in (
                ("secret", services[name].secrets),
                ("config", services[name].configs),
            )
            for grant in granted
        }
        there = {kind: await objects.names(self._ground.docker, kind) for kind in objects.KINDS}
        return tuple(
            one
            for one in wanted
            if (one.kind, one.key) in grants
            and not one.external
            and one.name not in there[one.kind]
        )

    async def _stack(
        self,
        now: Now,
        config: Mapping[str, Any],
        jobs: frozenset[str],
        moving: Collection[str],
        wanted: tuple[Object, ...],
    ) -> Stack:
        ground, project = self._ground, self._ground.found.read.project
        known = Known(
            # One service alone may have a version that the others do not have.
            images=await images.with_digests(
                ground.docker, project, [name for name in project.services if name in moving]
            ),
            secrets={one.key: one.name for one in wanted if one.kind == "secret"},
            configs={one.key: one.name for one in wanted if one.kind == "config"},
            jobs=jobs,
            pins=pins(config, now),
            watch=ground.order.watch,
            start_interval=ground.engine.has_start_interval,
        )
        return convert(self._stack_name, config, project, known)

    async def _config(self) -> Mapping[str, Any]:
        request = self._ground.found.request
        done = await self._ground.docker.compose(
            request, request.project, "services: {}", "config", "--format", "json"
        )
        if not done.ok:
            error = failure("docker compose does not take the files", done, lines=3)
            raise ConfigError(error.what, detail=error.detail, mend="see what it says above")
        config: Mapping[str, Any] = unescaped(json.loads(done.out))
        return config

    async def _still(self, before: Now) -> None:
        """Raise ``EnvironmentFailure`` where somebody changed the stack since it was planned."""
        services = await self._cluster.services()
        then = {key: (one.id, one.spec) for key, one in before.services.items()}
        if then != {key: (one.id, one.spec) for key, one in services.items()}:
            raise EnvironmentFailure(
                f"{self._stack_name} was changed by somebody else since this was planned",
                mend="look at it again: the same command with --dry-run",
            )


def _jobs(config: Mapping[str, Any]) -> frozenset[str]:
    """Return the services that the files themselves declare as jobs of a Swarm."""
    modes = {key: (one.get("deploy") or {}).get("mode") for key, one in config["services"].items()}
    return frozenset(key for key, mode in modes.items() if str(mode).endswith("-job"))


def _check_pins(stack: Stack, now: Now, steps: tuple[Step, ...]) -> None:
    """Raise ``EnvironmentFailure`` where a service is to move whose node is gone."""
    nodes = {node.id: node for node in now.nodes}
    moving = {step.subject for step in steps if step.act in planning.MOVES}
    for key, place in stack.pins.items():
        node = nodes.get(place)
        if key in moving and (node is None or not node.takes_tasks):
            name = node.name if node else place
            raise EnvironmentFailure(
                f"{key} keeps its data on the node {name}, which takes no work",
                mend=f"bring {name} back; or restore the data on another node and name that one in"
                f" deploy.placement.constraints of {key}",
            )
