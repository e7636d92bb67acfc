"""``seatrial deploy`` on one machine: plans against the engine as it is, and carries it out.

::

    needs ─► images by digest ─► containers ─► plan ─► claim ─► pull ─► steps ─► record
                                                                          └─ failed ─► all back
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from seatrial.deploy import images, records
from seatrial.deploy.base import Ground, NotDeployed, Target
from seatrial.deploy.compose import plan as planning
from seatrial.deploy.compose.elsewhere import check as check_binds
from seatrial.deploy.compose.ended import Ended
from seatrial.deploy.compose.files import Files
from seatrial.deploy.compose.gate import Gate
from seatrial.deploy.compose.model import Survey, running
from seatrial.deploy.compose.steps import Steps
from seatrial.deploy.compose.survey import placed, refuse_stack, trials
from seatrial.deploy.lock import Claim, ClaimLost, alone, claimed, must_hold
from seatrial.deploy.model import Act, Deployed, DeployPlan, Ran, Step
from seatrial.deploy.records import Record
from seatrial.errors import EnvironmentFailure, SeatrialError, UsageError
from seatrial.events import Phase
from seatrial.runtimes.docker.standing import needs
from seatrial.runtimes.docker.standing.look import Changes
from seatrial.runtimes.docker.waves import must_end, refuse_impossible


def target(ground: Ground) -> Target:
    """Return what deploys on the engine of ``ground`` with Compose."""
    return OnCompose(ground)


class OnCompose:
    """One deployment on one engine."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._docker = ground.docker
        self._order = ground.order
        self._request = ground.found.request
        self._project = ground.found.read.project
        self._files = Files(ground)
        self._resolved: images.Resolved | None = None
        self._dead: Claim | None = None

    async def plan(self) -> DeployPlan:
        """Return what would be done."""
        await refuse_stack(self._ground)
        claim = await claimed(self._docker, self._request.project)
        self._dead = claim if claim and (claim.dead or self._order.take_over) else None
        return self._planned(await self._survey(self._dead))

    async def carry_out(self, plan: DeployPlan) -> Deployed:
        """Do it, alone."""
        if not plan.changes and self._dead is None:
            return Deployed(plan, plan.before, 0.0)
        claim = alone(
            self._docker,
            self._request.project,
            self._order.environment,
            take_over=self._order.take_over,
        )
        async with claim as (token, dead):
            survey = await self._survey(dead)
            if self._planned(survey).steps != plan.steps:
                raise EnvironmentFailure(
                    f"{plan.environment} changed since this deployment was planned",
                    mend="somebody else deployed; look at the new plan: --dry-run",
                )
            if not plan.changes:
                return await self._tidied(plan, survey, dead)
            return await self._carry_out(plan, survey, token, dead)

    async def _carry_out(
        self, plan: DeployPlan, survey: Survey, token: str, dead: Claim | None
    ) -> Deployed:
        began = self._ground.context.clock.at()
        async with Changes(self._docker, self._request.project) as changes:
            steps = Steps(self._ground, self._files, Gate(self._ground, changes), survey.images)
            await steps.remove(await trials(self._ground))
            async with steps.phase(Phase.PULL, plan.environment):
                await images.pull(self._docker, _images(plan.steps, Act.PULL))
            await check_binds(self._ground, _images(plan.steps, Act.PULL))
            try:
                await self._begin(plan, survey, token)
                for step in plan.changes:
                    if step.act is not Act.PULL:
                        await self._must_hold(token)
                        await steps.take(step, survey.of(step.subject))
                await self._must_hold(token)
            except ClaimLost:
                # Whoever has it now works on the same containers: none of ours touches them.
                raise
            except BaseException as error:
                # Whatever it is, a fault of our own included.
                raise await self._back(error, plan, steps, token) from None
            await _finish(steps)
        after = await self._running(survey)
        broken = await self._broken(dead)
        known = await records.records(self._docker, self._request.project)
        useless = [*records.too_old(known), *([broken] if broken else [])]
        await records.forget(self._docker, self._request.project, useless)
        seconds = self._ground.context.clock.at() - began
        return Deployed(plan, after, seconds, steps.gaps, steps.rolls)

    async def _tidied(self, plan: DeployPlan, survey: Survey, dead: Claim | None) -> Deployed:
        """Clear away what is left of a dead deployment that had done all, or nothing yet."""
        await Ended(self._ground).remove(await trials(self._ground))
        after = await self._running(survey)
        broken = await self._broken(dead)
        if broken is not None and set(broken.before) == set(after):
            await records.forget(self._docker, self._request.project, [broken])
        return Deployed(plan, after, 0.0)

    async def _begin(self, plan: DeployPlan, survey: Survey, token: str) -> None:
        """Write down what ran and what is wanted."""
        wanted = [
            Ran(name, image, self._project.services[name].replicas)
            for name, image in survey.images.items()
            if name not in must_end(self._project)
        ]
        await records.write(self._docker, self._request.project, token, plan.before, wanted)

    async def _must_hold(self, token: str) -> None:
        environment = self._order.environment
        await must_hold(self._docker, self._request.project, token, environment)

    async def _back(
        self, error: BaseException, plan: DeployPlan, steps: Steps, token: str
    ) -> BaseException:
        """Take all back; return the error to raise."""
        project = self._request.project
        try:
            await self._must_hold(token)
        except ClaimLost as lost:
            return lost
        except SeatrialError:
            # An engine that is gone says so again below.
            pass
        stuck = await steps.go_back()
        try:
            after = running(
                await placed(self._ground, self._files, steps.images), must_end(self._project)
            )
            if not stuck:
                known = await records.records(self._docker, project)
                mine = [one for one in known if one.token == token]
                await records.forget(self._docker, project, mine)
        except SeatrialError as gone:
            after, stuck = (), [*stuck, gone.what]
        if not isinstance(error, SeatrialError):
            return error
        error.what = f"{error.what}; {_state(plan, stuck, steps)}"
        if stuck:
            again = f"seatrial deploy {plan.environment}"
            error.mend = (
                f"once the engine answers, `{again} --rollback` goes back to what ran before,"
                f" and `{again}` goes on"
            )
            error.detail = (*error.detail, *stuck)
        return NotDeployed(error, plan, after)

    async def _survey(self, dead: Claim | None) -> Survey:
        project = self._project
        # A tag may move while the plan is looked at: what was planned is what is deployed.
        self._resolved = self._resolved or await self._wanted()
        found = self._resolved
        there = await placed(self._ground, self._files, found.images)
        broken = await self._broken(dead)
        return Survey(
            project=project,
            images=found.images,
            placed=there,
            before=broken.before if broken else running(there, must_end(project)),
            broken=_when(dead) if dead else "",
            unresolved=found.unresolved,
        )

    async def _wanted(self) -> images.Resolved:
        """Return the images, once all else that they need is there."""
        project, docker = self._project, self._docker
        refuse_impossible(project)
        wanted = planning.asked_for(self._order, project)
        self._must_be_used(self._order.version)
        closure = needs.closure(project, wanted)
        await needs.check(docker, self._request, self._ground.found.read, closure)
        if self._order.rollback:
            known = await records.records(docker, self._request.project)
            return images.Resolved(self._earlier(known), {})
        return await images.resolve(docker, project, closure)

    def _earlier(self, known: Sequence[Record]) -> dict[str, str]:
        """Return the images that ran before the last deployment."""
        if not known or not known[-1].before:
            raise records.no_way_back(self._order.environment)
        services = self._project.services
        return {one.service: one.image for one in known[-1].before if one.service in services}

    def _must_be_used(self, version: str) -> None:
        """Raise ``UsageError`` for a version that no image of the files takes."""
        images = [service.image or "" for service in self._project.services.values()]
        if version and not any(version in image for image in images):
            raise UsageError(
                f"no image of {self._order.environment} has the version {version}",
                mend="write its image: with ${VERSION}, or leave --version out",
            )

    async def _broken(self, dead: Claim | None) -> Record | None:
        if dead is None:
            return None
        known = await records.records(self._docker, self._request.project)
        return next((one for one in known if one.token == dead.token), None)

    async def _running(self, survey: Survey) -> tuple[Ran, ...]:
        there = await placed(self._ground, self._files, survey.images)
        return running(there, must_end(self._project))

    def _planned(self, survey: Survey) -> DeployPlan:
        engine = self._ground.engine
        where = engine.word.removeprefix("context:") or f"engine {engine.version}"
        return planning.make(self._order, survey, self._request.project, where)


async def _finish(steps: Steps) -> None:
    try:
        await steps.finish()
    except asyncio.CancelledError:
        # All is good by now: an old container that stays would look like half a deployment.
        await steps.finish()
        raise


def _images(steps: Sequence[Step], act: Act) -> list[str]:
    return [step.image for step in steps if step.act is act]


def _when(claim: Claim) -> str:
    since = datetime.fromtimestamp(claim.since, UTC)
    return f"{since:%Y-%m-%d %H:%M} UTC, {claim.holder}"


def _state(plan: DeployPlan, stuck: Sequence[str], steps: Steps) -> str:
    if stuck:
        said = f"{plan.environment} could not go back by itself"
    elif not plan.before:
        said = "what was started is removed again"
    elif steps.touched:
        said = f"{plan.environment} is back at what ran before"
    else:
        said = f"{plan.environment} runs as before"
    if steps.migrated:
        said += f"; what {', '.join(steps.migrated)} did to the data is not rolled back"
    return said
