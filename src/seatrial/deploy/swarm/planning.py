"""What a deployment on a Swarm will do to each service, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.deploy.model import Act, Cause, Order, Risk, Step, Warned
from seatrial.deploy.swarm.facts import Service, essence, image_of
from seatrial.deploy.swarm.keys import together
from seatrial.deploy.swarm.now import Now
from seatrial.deploy.swarm.objects import Object
from seatrial.deploy.swarm.rolling import START_FIRST
from seatrial.deploy.swarm.stack import Stack
from seatrial.deploy.swarm.storage import keeps_data
from seatrial.errors import Where

# Steps after which a service is waited for.
MOVES = (Act.START, Act.MIGRATE, Act.ROLL, Act.REPLACE, Act.UPDATE)
_UNDER_WAY = ("updating", "rollback_started")


def steps(
    order: Order, stack: Stack, project: ComposeProject, now: Now, objects: Iterable[Object]
) -> tuple[Step, ...]:
    """Return all steps, in the order of the files; carrying out keeps to the dependencies."""
    asked = _asked(order, project, stack.jobs)
    found = [_moved(order, stack, one, now, asked) for one in project.services.values()]
    made = _made(objects) if any(step.act in MOVES for step in found) else ()
    gone = now.services.keys() - project.services.keys() if not order.services else ()
    return (
        *made,
        *found,
        *(Step(Act.REMOVE, key, Cause.GONE) for key in sorted(gone)),
    )


def steps_back(now: Now, asked: Collection[str] = ()) -> tuple[Step, ...]:
    """Return the steps that undo the last deployment, of the services ``asked`` for or of all."""
    last = _last_deployment(now.services.values())
    found = []
    for key, service in now.services.items():
        if service.is_job:
            found.append(Step(Act.LEAVE, key, Cause.NO_WAY_BACK))
        elif asked and key not in asked:
            found.append(Step(Act.LEAVE, key, Cause.NOT_ASKED, service.image))
        elif (
            service.deployment != last
            # What it went back from is no version to go back to.
            or service.update == "rollback_completed"
            or service.previous is None
            or essence(service.previous) == essence(service.template)
        ):
            found.append(Step(Act.LEAVE, key, Cause.UNCHANGED))
        else:
            image = image_of(service.previous)
            cause = Cause.IMAGE if image != service.image else Cause.CONFIG
            found.append(Step(Act.ROLL, key, cause, image, service.replicas or 0))
    return tuple(found)


def warnings(
    stack: Stack, project: ComposeProject, now: Now, planned: Iterable[Step], root: Path
) -> tuple[Warned, ...]:
    """Return what is said before anything is touched; files are named from ``root``."""
    moving = {step.subject: step for step in planned if step.act in MOVES}
    return (
        *_keys(stack, root),
        *(
            Warned(Risk.NODE_GONE, node.name, f"{node.state}, {node.use}".lower())
            for node in now.nodes
            if not node.takes_tasks
        ),
        *_moves(stack, project, now, moving),
        *(
            Warned(Risk.DATA_LEFT, step.subject, "its image or settings changed")
            for step in planned
            if step.cause is Cause.HAS_DATA
        ),
    )


def _asked(order: Order, project: ComposeProject, jobs: Collection[str]) -> frozenset[str]:
    """Return the services that are to be as the files say: all, or those named and their jobs."""
    if not order.services:
        return frozenset(project.services)
    named = set(order.services)
    for name in order.services:
        named |= {one for one in project.services[name].depends_on if one in jobs}
    return frozenset(named)


def _moved(
    order: Order, stack: Stack, service: ComposeService, now: Now, asked: Collection[str]
) -> Step:
    key, is_backing = service.name, service.build is None
    node, there = stack.services[key], now.services.get(key)
    image, replicas = str(node["image"]), int(node["deploy"].get("replicas", 1))
    made_of = stack.made_of(key)
    if key not in asked and there is not None:
        return Step(Act.LEAVE, key, Cause.NOT_ASKED, there.image)
    if key in stack.jobs:
        if there is not None and there.made_of == made_of and now.done(key):
            return Step(Act.LEAVE, key, Cause.UNCHANGED, image)
        return Step(Act.MIGRATE, key, _cause(there, image, made_of), image)
    if there is None:
        cause = Cause.FIRST if not now.services else Cause.NOT_UP
        return Step(Act.START, key, Cause.NEEDED if key not in asked else cause, image, replicas)
    if there.made_of == made_of and there.image == image and there.replicas in (None, replicas):
        if there.update in _UNDER_WAY or now.running(key) < (there.replicas or 0):
            return Step(Act.UPDATE, key, Cause.HALF, image, replicas)
        return Step(Act.LEAVE, key, Cause.UNCHANGED, image)
    cause = _cause(there, image, made_of)
    if keeps_data(node):
        # What it keeps is not this repository's own program's: a database, a broker.
        if is_backing and not order.force:
            return Step(Act.LEAVE, key, Cause.HAS_DATA, there.image)
        return Step(Act.REPLACE, key, cause, image, replicas)
    order_of = node["deploy"]["update_config"]["order"]
    return Step(Act.ROLL if order_of == START_FIRST else Act.REPLACE, key, cause, image, replicas)


def _cause(there: Service | None, image: str, made_of: str) -> Cause:
    if there is None:
        return Cause.FIRST
    if there.image != image:
        return Cause.IMAGE
    return Cause.CONFIG if there.made_of != made_of else Cause.HALF


def _made(objects: Iterable[Object]) -> Iterator[Step]:
    for one in objects:
        if not one.external:
            yield Step(Act.MAKE, f"{one.kind} {one.key}", Cause.NEEDED, detail=one.name)


def _keys(stack: Stack, root: Path) -> Iterator[Warned]:
    for one in together(stack.changes):
        risk = Risk.KEY_DROPPED if one.change.dropped else Risk.KEY_CHANGED
        places = _places(one.places, root)
        detail = f"{one.change.key}{f' ({places})' if places else ''}: {one.change.why}"
        yield Warned(risk, ", ".join(one.services), detail)


def _places(places: Iterable[Where], root: Path) -> str:
    """Return places as ``file:3, :7``: a file is named once."""
    words, named = [], None
    for place in sorted(places, key=lambda one: (str(one.file), one.line)):
        file = place.file.relative_to(root) if place.file.is_relative_to(root) else place.file
        words.append(f":{place.line}" if file == named else f"{file}:{place.line}")
        named = file
    return ", ".join(words)


def _moves(
    stack: Stack, project: ComposeProject, now: Now, moving: Mapping[str, Step]
) -> Iterator[Warned]:
    names = {node.id: node.name for node in now.nodes}
    for key, step in moving.items():
        node = stack.services[key]
        if key in stack.jobs:
            yield Warned(Risk.MIGRATION, key)
            continue
        if key in stack.pins:
            named = (m.get("source") for m in node["volumes"] if m["type"] == "volume")
            volumes = ", ".join(filter(None, named))
            place = names.get(stack.pins[key], stack.pins[key])
            yield Warned(Risk.NOT_SPREAD, key, f"{volumes} is on {place}, and does not move")
        if project.services[key].healthcheck is None:
            yield Warned(Risk.NO_CHECK, key)
        if step.act is Act.REPLACE and keeps_data(node):
            held = ", ".join(m["target"] for m in node["volumes"] if m["type"] != "tmpfs")
            yield Warned(Risk.GAP_DATA, key, held)
        elif step.act is Act.REPLACE and step.replicas < 2:
            ports = ", ".join(
                str(p["published"]) for p in node.get("ports", ()) if "published" in p
            )
            yield Warned(Risk.GAP_PORT, key, ports)


def _last_deployment(services: Iterable[Service]) -> str:
    newest = max(services, key=lambda one: str(one.facts["UpdatedAt"]), default=None)
    return newest.deployment if newest is not None else ""
