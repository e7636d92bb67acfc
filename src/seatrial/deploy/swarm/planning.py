"""What a deployment on a Swarm will do to each service, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from seatrial.composefile.model import ComposeProject, ComposeService
from seatrial.deploy.model import Act, Cause, Order, Risk, Step, Warned
from seatrial.deploy.swarm.facts import Service
from seatrial.deploy.swarm.keys import together
from seatrial.deploy.swarm.now import Now
from seatrial.deploy.swarm.objects import Object
from seatrial.deploy.swarm.rolling import START_FIRST
from seatrial.deploy.swarm.stack import Stack
from seatrial.deploy.swarm.storage import keeps_data
from seatrial.errors import Where
from seatrial.runtimes.docker.standing.needs import closure

# Steps after which a service is waited for.
MOVES = (Act.START, Act.MIGRATE, Act.ROLL, Act.REPLACE, Act.UPDATE)


def steps(
    order: Order, stack: Stack, project: ComposeProject, now: Now, missing: Iterable[Object]
) -> tuple[Step, ...]:
    """Return all steps, in the order of the files; carrying out keeps to the dependencies.

    ``missing`` are secrets and configs that are made where something moves.
    """
    asked = _asked(order, project, stack.jobs)
    moving = may_move(order, project, stack.jobs, now.services)
    found = [
        _moved(order, stack, one, now, is_asked=one.name in asked)
        if one.name in moving
        else _left(one.name, now)
        for one in project.services.values()
    ]
    made = (
        Step(Act.MAKE, f"{one.kind} {one.key}", Cause.NEEDED, detail=one.name) for one in missing
    )
    gone = now.services.keys() - project.services.keys() if not order.services else ()
    return (
        *(made if any(step.act in MOVES for step in found) else ()),
        *found,
        *(Step(Act.REMOVE, key, Cause.GONE) for key in sorted(gone)),
    )


def may_move(
    order: Order, project: ComposeProject, jobs: Collection[str], there: Collection[str]
) -> frozenset[str]:
    """Return the services of the order, and those that they depend on and that are not ``there``.

    What is not asked for and runs is left alone, whatever the files say of it.
    """
    asked = _asked(order, project, jobs)
    return asked | (set(closure(project, asked)) - set(there))


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
    order: Order, stack: Stack, service: ComposeService, now: Now, *, is_asked: bool
) -> Step:
    key, is_backing = service.name, service.build is None
    node, there = stack.services[key], now.services.get(key)
    image, replicas = str(node["image"]), int(node["deploy"].get("replicas", 1))
    made_of = stack.made_of(key)
    if key in stack.jobs:
        if there is not None and there.made_of == made_of:
            if now.at_work(key):
                # Whoever began it is gone; twice at once it must not run.
                return Step(Act.UPDATE, key, Cause.HALF, image)
            if now.done(key):
                return Step(Act.LEAVE, key, Cause.UNCHANGED, image)
        return Step(Act.MIGRATE, key, _cause(there, image, made_of), image)
    if there is None:
        cause = Cause.FIRST if not now.services else Cause.NOT_UP
        return Step(Act.START, key, cause if is_asked else Cause.NEEDED, image, replicas)
    same = (there.made_of, there.image) == (made_of, image)
    if same and there.replicas in (None, replicas) and not there.paused:
        if there.under_way or now.running(key) < (there.replicas or 0):
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


def _left(key: str, now: Now) -> Step:
    there = now.services.get(key)
    return Step(Act.LEAVE, key, Cause.NOT_ASKED, there.image if there else "")


def _cause(there: Service | None, image: str, made_of: str) -> Cause:
    if there is None:
        return Cause.FIRST
    if there.image != image:
        return Cause.IMAGE
    return Cause.CONFIG if there.made_of != made_of else Cause.HALF


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
            yield _gap(key, node)


def _gap(key: str, node: Mapping[str, Any]) -> Warned:
    """Return why a service without data is gone for a moment."""
    ports = [str(port["published"]) for port in node.get("ports", ()) if "published" in port]
    if ports:
        return Warned(Risk.GAP_PORT, key, ", ".join(ports))
    limited = "max_replicas_per_node" in (node["deploy"].get("placement") or {})
    return Warned(Risk.GAP_ORDER, key, "max_replicas_per_node" if limited else "stop-first")
