"""From planned environments to the requests that a runtime takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seatrial.model.environment import EnvironmentRequest
from seatrial.model.identity import instance_id, project_name
from seatrial.model.project import Suite
from seatrial.planning.plan import Plan, PlannedEnvironment

GIVEN = "TEST_INSTANCE_ID"


def scratch_of(scratch: Path, suite: Suite) -> Path:
    """Return the private folder of a suite in the run's own."""
    return scratch / suite.id.replace(":", "-")


@dataclass(frozen=True, slots=True)
class Naming:
    """Whose environments they are: one name for each environment, worktree, slot and run."""

    run: str
    worktree: str
    slot: int
    environment: Mapping[str, str]

    def requests(self, plan: Plan) -> dict[str, EnvironmentRequest]:
        """Return the request of each of the plan's environments, by its key."""
        return {planned.key: self.request(plan, planned) for planned in plan.environments}

    def request(self, plan: Plan, planned: PlannedEnvironment) -> EnvironmentRequest:
        """Return one environment's request; a TEST_INSTANCE_ID from outside becomes its prefix."""
        given = self.environment.get(GIVEN) or None
        instance = instance_id(self.worktree, self.slot, planned.key, given)
        return EnvironmentRequest(
            key=planned.key,
            run=self.run,
            root=plan.project.root,
            files=planned.files,
            instance=instance,
            project=project_name(plan.project.name, instance),
            variables={**self.environment, GIVEN: instance},
            labels={
                "dev.seatrial.run": self.run,
                "dev.seatrial.worktree": self.worktree,
                "dev.seatrial.root": str(plan.project.root),
                "dev.seatrial.environment": planned.key,
            },
            boot_timeout=planned.boot_timeout,
            subject=planned.subject,
            exports=planned.exports,
        )
