"""Which services of a compose file tests need."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from seatrial.composefile.model import ComposeService
from seatrial.scaffold.adopt.bases import image_of
from seatrial.scaffold.adopt.images import Backing, backing_of, helper, tester
from seatrial.scaffold.adopt.stack import Stack

_IN_URL = re.compile(r"(?:(?<=://)|(?<=@)|(?<![^,]))([A-Za-z0-9][A-Za-z0-9_.-]*)(?=:\d|/|$)")
_HOST = re.compile(r"(HOST|HOSTNAME|SERVER|SERVERS|ADDR|ADDRESS|BROKER|BROKERS|ENDPOINT)$")


@dataclass(frozen=True, slots=True)
class Selection:
    """``names`` in the order of the file; ``left_out`` says why others are not among them.

    ``backings`` are those among them that are known servers; ``named`` maps each service to the
    servers that its environment names.
    """

    names: tuple[str, ...]
    left_out: Mapping[str, str]
    backings: Mapping[str, Backing]
    named: Mapping[str, frozenset[str]]


def whole(stack: Stack) -> Selection:
    """Return all services but those that serve people, or run tests themselves."""
    named = {name: _named(service, stack.services) for name, service in stack.services.items()}
    reasons = _reasons(stack)
    kept = [name for name in stack.services if name not in reasons]
    if not kept:
        # A stack of helpers alone is what it is for.
        reasons = {name: why for name, why in reasons.items() if name in stack.idle}
        kept = list(stack.services)
    # What a kept service needs stays, helper or not.
    for name in _closure(stack, kept, named):
        reasons.pop(name, None)
    return _selection(stack, [n for n in stack.services if n not in reasons], reasons, named)


def closure(stack: Stack, wanted: Collection[str]) -> Selection:
    """Return ``wanted`` with all that they depend on, and the servers that environments name.

    What serves people (mail catchers, traces) is left out: outside systems are mocked here.
    """
    named = {
        name: frozenset(one for one in _named(service, stack.services) if _server(stack, one))
        for name, service in stack.services.items()
    }
    reasons = _reasons(stack)
    kept = _closure(stack, wanted, named, set(reasons))
    missed = {other for name in kept for other in stack.services[name].depends_on} | set(wanted)
    missed &= set(reasons)
    left = {name: reasons[name] for name in stack.services if name in missed}
    return _selection(stack, [name for name in stack.services if name in kept], left, named)


def _selection(
    stack: Stack,
    names: list[str],
    reasons: Mapping[str, str],
    named: Mapping[str, frozenset[str]],
) -> Selection:
    backings = {
        name: backing
        for name in names
        if (backing := backing_of(image_of(stack.services[name]))) is not None
    }
    return Selection(tuple(names), dict(reasons), backings, named)


def _reasons(stack: Stack) -> dict[str, str]:
    reasons = {}
    for name, service in stack.services.items():
        image = image_of(service)
        if why := helper(image, service.command or ()) or tester(name, image):
            reasons[name] = why
    for name, service in stack.idle.items():
        reasons[name] = f"it runs only with the profile {' or '.join(service.profiles)}"
    return reasons


def _closure(
    stack: Stack,
    start: Iterable[str],
    named: Mapping[str, frozenset[str]],
    without: Collection[str] = (),
) -> set[str]:
    found: set[str] = set()
    todo = list(start)
    while todo:
        name = todo.pop()
        if name in found or name in without or name not in stack.services:
            continue
        found.add(name)
        todo += [*stack.services[name].depends_on, *named[name]]
    return found


def _named(service: ComposeService, services: Mapping[str, ComposeService]) -> frozenset[str]:
    """Return the servers that an environment calls by name; what is built here is not one."""
    words: set[str] = set()
    for name, value in service.environment.items():
        words |= set(_IN_URL.findall(value or ""))
        if value and _HOST.search(name.upper()):
            words |= {value.rpartition("://")[2].partition(":")[0]}
    servers = {name for name, one in services.items() if one.build is None or _is_server(one)}
    return frozenset((words & servers) - {service.name})


def _server(stack: Stack, name: str) -> bool:
    return _is_server(stack.services[name])


def _is_server(service: ComposeService) -> bool:
    return backing_of(image_of(service)) is not None
