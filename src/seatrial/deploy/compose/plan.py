"""From what is wanted and what is there to the steps of a deployment. Pure.

::

    one-shots as early as they may ─► services, each after what it depends on ─► what is gone
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.deploy.compose.model import Placed, Survey
from seatrial.deploy.compose.proxy import is_fixed
from seatrial.deploy.model import Act, Cause, DeployPlan, Order, Risk, Step, Warned
from seatrial.errors import UsageError
from seatrial.runtimes.docker.waves import must_end

_FREE_NETWORK = ("", "bridge", "none")


@dataclass(frozen=True, slots=True)
class Alone:
    """Why two containers of a service cannot run side by side; ``detail`` is the thing shared."""

    risk: Risk
    detail: str


def make(order: Order, survey: Survey, project: str, engine: str) -> DeployPlan:
    """Return the plan."""
    steps = tuple(_steps(order, survey))
    pulls = dict.fromkeys(step.image for step in steps if step.image and step.act in _NEW)
    return DeployPlan(
        to=order.to,
        environment=order.environment,
        project=project,
        engine=engine,
        steps=(*(Step(Act.PULL, image, Cause.NEEDED, image) for image in pulls), *steps),
        warnings=tuple(_warnings(order, survey, steps)),
        before=survey.before,
    )


def asked_for(order: Order, project: ComposeProject) -> tuple[str, ...]:
    """Return the services that are to be deployed: those named with the one-shots they wait for.

    Raises ``UsageError`` for one that the files do not have.
    """
    unknown = [name for name in order.services if name not in project.services]
    if unknown:
        raise UsageError(
            f"{order.environment} has no service {unknown[0]!r}",
            mend=f"there are: {', '.join(project.services)}",
        )
    if not order.services:
        return tuple(project.services)
    one_shots = must_end(project)
    needed = {
        name
        for service in order.services
        for name in project.services[service].depends_on
        if name in one_shots
    }
    # Whose network a service has, they go together.
    needed |= {one.name for one in project.services.values() if host_of(one) in order.services}
    return tuple(name for name in project.services if name in needed | set(order.services))


def in_order(project: ComposeProject) -> tuple[str, ...]:
    """Return the services, each after all that it depends on, one-shots as early as they may."""
    one_shots = must_end(project)
    left, found = list(project.services), list[str]()
    while left:
        ready = [name for name in left if not needs(project.services[name]) & set(left)]
        # A circle is refused when the files are read; none is left out for it here.
        ready = ready or left[:1]
        best = next((name for name in ready if _leads_to(name, project, one_shots)), ready[0])
        left.remove(best)
        found.append(best)
    return tuple(found)


def needs(service: ComposeService) -> frozenset[str]:
    """Return the services that must be there before: what it depends on, whose network it has."""
    return frozenset({*service.depends_on, host_of(service)} - {""})


def host_of(service: ComposeService) -> str:
    """Return the service whose network a service has; empty for its own."""
    kind, _, name = (service.network_mode or "").partition(":")
    return name if kind == "service" else ""


def alone(service: ComposeService, there: Collection[Placed] = ()) -> Alone | None:
    """Return why the next container cannot start beside ``there``; ``None`` where it can."""
    kept = (*data_of(service), *dict.fromkeys(path for one in there for path in one.nameless))
    if kept:
        return Alone(Risk.GAP_DATA, ", ".join(kept))
    if service.container_name:
        return Alone(Risk.GAP_NAME, f"container_name {service.container_name}")
    if is_in_the_open(service):
        return Alone(Risk.GAP_NAME, f"network_mode {service.network_mode}")
    if addresses := dict.fromkeys(address for one in there for address in one.addresses):
        return Alone(Risk.GAP_NAME, f"address {', '.join(addresses)}")
    fixed = [str(one.published) for one in service.ports if is_fixed(one)]
    return Alone(Risk.GAP_PORT, ", ".join(fixed)) if fixed else None


def data_of(service: ComposeService) -> tuple[str, ...]:
    """Return the volumes and folders that a service writes to and that outlive a container."""
    return tuple(
        one.source or one.target
        for one in service.volumes
        if one.kind in ("volume", "bind") and not one.read_only and one.source != _SOCKET
    )


def is_in_the_open(service: ComposeService) -> bool:
    """Return whether a service has the network, and so the ports, of something else."""
    return (service.network_mode or "") not in _FREE_NETWORK


def is_recreated(service: ComposeService, there: Collection[Placed]) -> bool:
    """Return whether Compose itself must put the next container in the place of ``there``.

    It alone hands volumes without a name on.
    """
    return any(one.nameless for one in there) or only_compose_starts(service)


def only_compose_starts(service: ComposeService) -> bool:
    """Return whether a start takes more than is done in Compose's place."""
    return "pre_start" in service.keys


_SOCKET = "/var/run/docker.sock"
_NEW = (Act.START, Act.MIGRATE, Act.ROLL, Act.REPLACE)


def _leads_to(name: str, project: ComposeProject, one_shots: Collection[str]) -> bool:
    """Return whether a service is a one-shot, or is waited for by one."""
    return name in one_shots or any(name in project.services[one].depends_on for one in one_shots)


def _steps(order: Order, survey: Survey) -> Iterator[Step]:
    wanted = asked_for(order, survey.project)
    closure = _closure(survey.project, wanted)
    known = survey.project.services
    gone = [] if order.services else [name for name in survey.placed if name not in known]
    for name in in_order(survey.project):
        if name not in closure:
            continue
        step = _wanted(order, survey, known[name], asked=name in wanted)
        if step.act is not Act.LEAVE:
            for other in [other for other in gone if _in_the_way(known[name], survey.of(other))]:
                gone.remove(other)
                yield Step(Act.REMOVE, other, Cause.GONE)
        yield step
    for name in gone:
        yield Step(Act.REMOVE, name, Cause.GONE)


def _wanted(order: Order, survey: Survey, service: ComposeService, *, asked: bool) -> Step:
    one_shot = service.name in must_end(survey.project)
    if order.rollback and service.name not in survey.images and not one_shot:
        # It came with the version that is gone back from.
        return _step(Act.LEAVE, service, Cause.NOT_ASKED, survey)
    if not asked:
        return _not_asked(service, survey, one_shot)
    if one_shot:
        return _one_shot(order, service, survey)
    return _service(order, service, survey, survey.of(service.name))


def _in_the_way(service: ComposeService, there: Collection[Placed]) -> bool:
    """Return whether containers have a port or name that a service is to get."""
    ports = {str(binding.host_port) for one in there for binding in one.stood.container.bindings}
    fixed = {port.published for port in service.ports if is_fixed(port)}
    return bool(ports & fixed) or service.container_name in {one.stood.name for one in there}


def _closure(project: ComposeProject, wanted: Collection[str]) -> set[str]:
    waiting, found = list(wanted), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found and name in project.services:
            found.add(name)
            waiting += sorted(needs(project.services[name]))
    return found


def _step(act: Act, service: ComposeService, cause: Cause, survey: Survey) -> Step:
    return Step(act, service.name, cause, survey.images.get(service.name, ""), service.replicas)


def _not_asked(service: ComposeService, survey: Survey, one_shot: bool) -> Step:
    up = any(one.runs for one in survey.of(service.name))
    if up or (one_shot and survey.of(service.name)):
        return _step(Act.LEAVE, service, Cause.NOT_ASKED, survey)
    return _step(Act.MIGRATE if one_shot else Act.START, service, Cause.NOT_UP, survey)


def _one_shot(order: Order, service: ComposeService, survey: Survey) -> Step:
    ones = survey.of(service.name)
    if order.rollback:
        return _step(Act.LEAVE, service, Cause.NO_WAY_BACK, survey)
    if not ones:
        cause = Cause.NOT_UP if survey.before else Cause.FIRST
        return _step(Act.MIGRATE, service, cause, survey)
    done = [one for one in ones if one.stood.ended and one.stood.container.exit_code == 0]
    if all(one.current for one in ones):
        act, cause = (Act.LEAVE, Cause.UNCHANGED) if done else (Act.MIGRATE, Cause.HALF)
        return _step(act, service, cause, survey)
    return _step(Act.MIGRATE, service, _change(ones), survey)


def _service(
    order: Order, service: ComposeService, survey: Survey, ones: tuple[Placed, ...]
) -> Step:
    current = [one for one in ones if one.current]
    old = [one for one in ones if not one.current]
    if ones and not service.replicas:
        return Step(Act.REMOVE, service.name, Cause.REPLICAS)
    if not old:
        well = all(one.runs for one in current)
        if len(current) == service.replicas and well:
            return _step(Act.LEAVE, service, Cause.UNCHANGED, survey)
        first = not survey.before and not ones
        cause = Cause.REPLICAS if current and well else Cause.NOT_UP
        return _step(Act.START, service, Cause.FIRST if first else cause, survey)
    if _is_backing(service, ones) and not order.force:
        up = any(one.runs for one in ones)
        act, cause = (Act.LEAVE, Cause.HAS_DATA) if up else (Act.START, Cause.NOT_UP)
        return Step(act, service.name, cause, "", len(old), detail="" if up else old[0].image)
    cause = Cause.HALF if current else _change(old)
    return _step(Act.REPLACE if alone(service, old) else Act.ROLL, service, cause, survey)


def _is_backing(service: ComposeService, there: Collection[Placed]) -> bool:
    """Return whether a service keeps data that is not this repository's own program's."""
    kept = data_of(service) or any(one.nameless for one in there)
    return service.build is None and bool(kept)


def _change(ones: Collection[Placed]) -> Cause:
    image = any(not one.same_image for one in ones)
    config = any(not one.same_config for one in ones)
    if image and config:
        return Cause.BOTH
    return Cause.IMAGE if image else Cause.CONFIG


def _warnings(order: Order, survey: Survey, steps: Collection[Step]) -> Iterator[Warned]:
    if survey.broken:
        yield Warned(Risk.BROKEN_OFF, order.environment, survey.broken)
    if order.rollback:
        yield Warned(Risk.SETTINGS, order.environment)
    for name, image in (survey.unresolved or {}).items():
        yield Warned(Risk.UNRESOLVED, name, image)
    services: Mapping[str, ComposeService] = survey.project.services
    for step in steps:
        service = services.get(step.subject)
        if service is None:
            continue
        if step.act is Act.MIGRATE and survey.before:
            yield Warned(Risk.MIGRATION, step.subject)
        if step.act is Act.REPLACE and (why := alone(service, survey.of(service.name))):
            yield Warned(why.risk, step.subject, why.detail)
        if step.act is Act.START and (held := _held(service, survey)):
            yield Warned(Risk.GAP_PORT, step.subject, ", ".join(held))
        if step.act in (Act.ROLL, Act.REPLACE) and not _checked(service, survey):
            yield Warned(Risk.NO_CHECK, step.subject)
        if step.act is Act.REPLACE and _forgets(service, survey.of(service.name)):
            yield Warned(Risk.NOT_AS_IT_WAS, step.subject)
        if step.cause is Cause.HAS_DATA:
            yield Warned(Risk.DATA_LEFT, step.subject, _change(survey.of(step.subject)))


def _forgets(service: ComposeService, there: Collection[Placed]) -> bool:
    """Return whether the way back has other settings than there are now."""
    return is_recreated(service, there) and any(not one.same_config for one in there)


def _held(service: ComposeService, survey: Survey) -> list[str]:
    """Return the ports of a service that another one has until it is rolled."""
    taken = {
        str(binding.host_port)
        for name, ones in survey.placed.items()
        if name != service.name
        for one in ones
        for binding in one.stood.container.bindings
    }
    return [str(one.published) for one in service.ports if is_fixed(one) and one.published in taken]


def _checked(service: ComposeService, survey: Survey) -> bool:
    """Return whether anything checks the service's health, its image's own check included."""
    check = service.healthcheck
    if check is not None and (check.disable or check.test[:1] == ("NONE",)):
        return False
    return bool(check and check.test) or any(
        one.stood.container.test for one in survey.of(service.name)
    )
