"""From the words of the command line to answers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seatrial.errors import UsageError
from seatrial.scaffold.kinds import BACKINGS, KINDS, Backing, Kind
from seatrial.scaffold.model import ServiceAnswer
from seatrial.scaffold.names import check_service
from seatrial.scaffold.ports import free

TRIO = ("api:fastapi", "worker:worker", "frontend:frontend")


@dataclass(frozen=True, slots=True)
class Wish:
    """A service as it was asked for, checked: an empty ``backing`` is none."""

    name: str
    kind: str
    backing: str = ""


def wish(text: str) -> Wish:
    """Read ``NAME:KIND`` or ``NAME:KIND+BACKING``. Raises ``UsageError``."""
    name, colon, rest = text.partition(":")
    if not colon or not rest:
        raise UsageError(
            f"{text!r} does not say of which kind the service is",
            mend=f"write NAME:KIND or NAME:KIND+BACKING, {name or 'api'}:fastapi for example; "
            f"kinds: {', '.join(KINDS)}",
        )
    kind, _, backing = rest.partition("+")
    return make_wish(name, kind, backing)


def make_wish(name: str, kind: str, backing: str = "") -> Wish:
    """Return a checked wish; without ``backing`` the kind's first. Raises ``UsageError``."""
    known = find_kind(kind)
    check_service(name, known)
    return Wish(name, known.name, find_backing(known, backing))


def find_kind(name: str) -> Kind:
    """Return the kind called ``name``. Raises ``UsageError``, which proposes the nearest."""
    if name not in KINDS:
        raise UsageError(f"there is no kind {name!r}", mend=_nearest(name, KINDS))
    return KINDS[name]


def find_backing(kind: Kind, name: str) -> str:
    """Return the backing service for ``kind``: ``name``, else its default; empty where it has none.

    Raises ``UsageError`` for one that it cannot stand on.
    """
    if not name:
        return kind.backings[0] if kind.backings else ""
    if not kind.backings:
        raise UsageError(f"{kind.name} stands on no backing service", mend=f"leave {name!r} out")
    if name not in kind.backings:
        what = f"{kind.name} cannot stand on {name!r}"
        raise UsageError(what, mend=_nearest(name, kind.backings))
    return name


def answer(
    wishes: Sequence[Wish], known: Sequence[ServiceAnswer] = (), taken: Iterable[int] = ()
) -> tuple[ServiceAnswer, ...]:
    """Return the answers for ``wishes``, with ports that nothing else takes by default.

    ``known`` are the services that are there, ``taken`` further host ports. A client of an API
    calls the first service that serves one, of the known ones and then of the wishes. Raises
    ``UsageError`` for a name that is given twice, or is another service's backing service.
    """
    check_distinct([*(Wish(one.name, one.kind, one.backing) for one in known), *wishes])
    all_services: list[ServiceAnswer | Wish] = [*known, *wishes]
    apis = [one for one in all_services if one.kind in KINDS and KINDS[one.kind].is_api]
    used = {*taken}
    for one in known:
        used |= {one.host_port, one.backing_port}
    shared = {one.backing: one.backing_port for one in known if is_shared(one.backing)}
    made: list[ServiceAnswer] = []
    for asked in wishes:
        kind = KINDS[asked.kind]
        host_port = free(kind.host_port, used) if kind.port else 0
        used.add(host_port)
        backing_port = shared.get(asked.backing, 0)
        if asked.backing and not backing_port:
            backing_port = free(BACKINGS[asked.backing].port, used)
            used.add(backing_port)
        if is_shared(asked.backing):
            shared[asked.backing] = backing_port
        upstream = apis[0] if kind.calls and apis else None
        made.append(
            ServiceAnswer(
                asked.name,
                kind.name,
                asked.backing,
                host_port,
                backing_port,
                upstream.name if upstream else "",
                (KINDS[upstream.kind].port or 0) if upstream else 0,
            )
        )
    return tuple(made)


def check_distinct(wishes: Iterable[Wish]) -> None:
    """Raise ``UsageError`` where two would have the same service in a compose file."""
    owners: dict[str, str] = {}
    for one in wishes:
        names = [one.name]
        if one.backing and not is_shared(one.backing):
            names.append(backing_service(one.name, BACKINGS[one.backing]))
        for name in names:
            if name in owners:
                what = f"two services are called {name!r}"
                if one.name != owners[name]:
                    what = f"{name!r} is also the backing service of {min(one.name, owners[name])}"
                raise UsageError(what, mend=f"give another name to one: {name}-2, for example")
            owners[name] = one.name


def backing_service(service: str, backing: Backing) -> str:
    """Return what ``service``'s backing service is called in compose files."""
    return backing.name if backing.shared else f"{service}-{backing.role}"


def is_shared(backing: str) -> bool:
    """Return whether one backing service of that name serves the whole repository."""
    return backing in BACKINGS and BACKINGS[backing].shared


def _nearest(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.5)
    guess = f"did you mean {near[0]}? " if near else ""
    return f"{guess}there are: {', '.join(names)}"
