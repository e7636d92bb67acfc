"""What of a stack goes back to before its last deployment, and why the rest does not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from seatrial.deploy.model import Act, Cause, Step
from seatrial.deploy.swarm.facts import Service, image_of
from seatrial.deploy.swarm.now import Now


def steps_back(now: Now, asked: Collection[str] = ()) -> tuple[Step, ...]:
    """Return the steps that undo the last deployment, of the services ``asked`` for or of all."""
    last = _last_deployment(now.services.values())
    return tuple(_back(service, last, asked) for service in now.services.values())


def _back(service: Service, last: str, asked: Collection[str]) -> Step:
    """Return the step that undoes what the deployment ``last`` did to ``service``.

    Whatever it changed, its label changed with it.
    """
    key, image = service.key, service.image
    if service.is_job:
        return Step(Act.LEAVE, key, Cause.NO_WAY_BACK)
    if asked and key not in asked:
        return Step(Act.LEAVE, key, Cause.NOT_ASKED, image)
    if service.deployment != last:
        return Step(Act.LEAVE, key, Cause.UNCHANGED)
    if service.previous is None:
        return Step(Act.LEAVE, key, Cause.CAME_WITH, image)
    if service.deployment_before == last:
        return Step(Act.LEAVE, key, Cause.BY_HAND, image)
    before = image_of(service.previous)
    cause = Cause.IMAGE if before != image else Cause.CONFIG
    return Step(Act.ROLL, key, cause, before, service.replicas_before or 0)


def _last_deployment(services: Iterable[Service]) -> str:
    """Return the id of the newest deployment of which there is a trace; ids sort by their moment.

    One that was taken back is a service's earlier state: what went before it is not the last.
    """
    known = (id for one in services for id in (one.deployment, one.deployment_before))
    return max(known, default="")
