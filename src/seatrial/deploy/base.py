"""The seam between ``seatrial deploy`` and what carries the containers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from seatrial.deploy.model import Deployed, DeployPlan, Order, Ran
from seatrial.errors import EnvironmentFailure, SeatrialError
from seatrial.pipeline.standing_request import Found
from seatrial.runtimes.base import RunContext
from seatrial.runtimes.docker.cli import Docker
from seatrial.runtimes.docker.engine import Engine


@dataclass(frozen=True, slots=True)
class Ground:
    """What a target stands on: the order, the compose files as they are read, and one engine.

    ``found.read`` was made with the order's version and registry among its variables.
    ``context.emit`` takes facts and redacts them; errors are redacted on their way out.
    """

    order: Order
    found: Found
    context: RunContext
    engine: Engine
    docker: Docker


class NotDeployed(EnvironmentFailure):
    """A deployment that failed: ``cause`` is why, ``after`` what runs now."""

    def __init__(self, cause: SeatrialError, plan: DeployPlan, after: tuple[Ran, ...]) -> None:
        super().__init__(cause.what, where=cause.where, mend=cause.mend, detail=cause.detail)
        self.exit_code = cause.exit_code
        self.plan = plan
        self.after = after


class Target(Protocol):
    """Carries a deployment out. One object serves one call of the program.

    ``seatrial.deploy.compose`` and ``seatrial.deploy.swarm`` each have a ``target(ground)`` that
    returns one.
    """

    async def plan(self) -> DeployPlan:
        """Return what would be done. Looks, and changes nothing.

        Raises ``UsageError`` for a service that is not there, ``ConfigError`` (2) with the
        commands that make it for a need that is missing, ``EnvironmentFailure`` (3) where the
        engine or a registry does not answer.
        """

    async def carry_out(self, plan: DeployPlan) -> Deployed:
        """Do it. Where a new version is not healthy, everything is as before when this raises.

        Emits ``PhaseStarted``/``PhaseFinished`` (pull, migrate, roll, go-back, …) and
        ``ServiceReady``. Raises ``NotDeployed`` with the failed service's last lines and what runs
        now; where nothing was touched yet, the error itself.
        """
