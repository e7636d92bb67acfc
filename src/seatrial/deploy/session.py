"""Opens what a deployment stands on, has it planned and said, and carried out.

::

    Order ─► compose files, engine ─► Ground ─► target ─► plan ─► said ─► carried out
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from seatrial.deploy.base import Ground, Target
from seatrial.deploy.model import Deployed, DeployPlan, Order, To
from seatrial.errors import Refused, RuntimeMissing
from seatrial.pipeline.standing import Asked, Opened, use
from seatrial.runtimes.choose import DOCKER
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.engine import overlay


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an order; ``deployed`` is ``None`` where it was planned only."""

    plan: DeployPlan
    deployed: Deployed | None = None


def deploy(
    asked: Asked, order: Order, say: Callable[[DeployPlan], None], *, dry_run: bool
) -> Outcome:
    """Plan ``order`` and, without ``dry_run``, carry it out once ``say`` was told the plan.

    Raises what :class:`seatrial.deploy.base.Target` raises, and ``Interrupted``.
    """

    async def work(opened: Opened) -> Outcome:
        target = _target(order, opened)
        plan = await target.plan()
        if dry_run:
            return Outcome(plan)
        say(plan)
        return Outcome(plan, await target.carry_out(plan))

    try:
        return use(asked, work, changing=not dry_run)
    except RuntimeMissing as error:
        error.mend = "start the engine, or name another one: see `docker context ls`, --context"
        raise


def _target(order: Order, opened: Opened) -> Target:
    if opened.engine is None:
        raise Refused(
            f"{order.environment} runs as processes here; only containers are deployed",
            mend=f"`seatrial down {order.environment}` first",
        )
    docker = Docker(opened.context.processes, overlay(opened.engine.word))
    ground = Ground(order, opened.found, opened.context, opened.engine, docker)
    if order.to is To.SWARM:
        from seatrial.deploy.swarm import target as on_swarm

        return on_swarm(ground)
    from seatrial.deploy.compose import target as on_compose

    return on_compose(ground)


def runtime() -> str:
    """Return the runtime to ask for: deployments are of containers."""
    return DOCKER
