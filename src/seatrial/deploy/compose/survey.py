"""Looks at the engine: which containers of the project are there, and what differs of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.deploy.base import Ground
from seatrial.deploy.compose.files import NAMED, TRIAL, Files
from seatrial.deploy.compose.model import Placed
from seatrial.errors import Refused
from seatrial.runtimes.docker import labels
from seatrial.runtimes.docker.standing.look import ONE_OFF, ROOT, one_off, stood

_STACK = "com.docker.stack.namespace"
_HASH = "com.docker.compose.config-hash"
# What `seatrial up` lays over the files, or a deployment: no change of the files themselves.
_OURS = (ROOT, labels.WORKTREE, labels.ENVIRONMENT, NAMED)
_PATIENCE = 60.0
# What the engine calls a volume that nobody has named.
_MADE_UP = re.compile(r"[0-9a-f]{64}")

Facts = Mapping[str, Any]


async def placed(
    ground: Ground, files: Files, images: Mapping[str, str]
) -> dict[str, tuple[Placed, ...]]:
    """Return all containers of the project by service, compared with the files and ``images``."""
    facts = [one for one in await _facts(ground) if not one_off(one)]
    hashes = await _as_made(files, ground, facts)
    digests = await _digests(ground, [*(str(one.get("Image")) for one in facts), *images.values()])
    found: dict[str, list[Placed]] = {}
    for one in facts:
        service = _label(one, labels.COMPOSE_SERVICE)
        wanted = images.get(service, "")
        image, id = str((one.get("Config") or {}).get("Image") or ""), str(one.get("Image"))
        known = digests.get(id, frozenset())
        same = wanted in ("", image) or wanted.partition("@")[2] in known
        same = same or ("@" not in wanted and id in digests.get(wanted, frozenset()))
        ours = Placed(
            stood(one),
            image,
            next(iter(sorted(d for d in known if d != id)), ""),
            same,
            hashes.get(str(one.get("Id"))) == _label(one, _HASH) and _is_named(ground, one),
            tuple(_nameless(one)),
            tuple(_addresses(one)),
        )
        found.setdefault(service, []).append(ours)
    order = (*_known(ground), *sorted(found.keys() - _known(ground).keys()))
    return {
        name: tuple(sorted(found[name], key=lambda one: one.stood.container.number))
        for name in order
        if name in found
    }


async def ids_of(ground: Ground, service: str) -> list[str]:
    """Return the ids of a service's containers, those of ``docker compose run`` left out."""
    filters = (
        f"label={labels.COMPOSE_PROJECT}={ground.found.request.project}",
        f"label={labels.COMPOSE_SERVICE}={service}",
        f"label={ONE_OFF}=False",
    )
    words = [word for one in filters for word in ("--filter", one)]
    return (await ground.docker.asked("ps", "-aq", "--no-trunc", *words, timeout=_PATIENCE)).split()


async def running_of(ground: Ground, service: str) -> str:
    """Return the id of the newest container of a service that runs; empty for none."""
    ids = await ids_of(ground, service)
    found = [stood(one).container for one in await ground.docker.inspected("container", ids)]
    running = [one for one in found if one.status == "running"]
    return max(running, key=lambda one: one.number).id if running else ""


async def trials(ground: Ground) -> list[str]:
    """Return the ids of containers that were on trial when their deployment was broken off."""
    words = ("ps", "-aq", "--no-trunc", "--filter", f"label={TRIAL}={ground.found.request.project}")
    return (await ground.docker.asked(*words, timeout=_PATIENCE)).split()


async def refuse_stack(ground: Ground) -> None:
    """Raise ``Refused`` where a Swarm runs a stack of the same name on this engine.

    Both would have the same names of networks, the same ports, and write to the same volumes.
    """
    docker, stack = ground.docker, ground.found.request.project
    label = f"label={_STACK}={stack}"
    # Of a Swarm's worker one can ask for what runs on itself only, of no Swarm for nothing else.
    everywhere = await docker.run("service", "ls", "-q", "--filter", label, timeout=_PATIENCE)
    here = await docker.asked("ps", "-q", "--filter", label, timeout=_PATIENCE)
    if (everywhere.ok and everywhere.out.strip()) or here.strip():
        name = ground.order.environment
        raise Refused(
            f"{name} runs on a Swarm here, as the stack {stack}",
            mend=f"`seatrial deploy {name} --to swarm` deploys there; to come back to Compose,"
            f" `docker stack rm {stack}` first (its volumes stay on their nodes)",
        )


async def _facts(ground: Ground) -> list[dict[str, Any]]:
    project = f"label={labels.COMPOSE_PROJECT}={ground.found.request.project}"
    words = ("ps", "-aq", "--no-trunc", "--filter", project)
    ids = (await ground.docker.asked(*words, timeout=_PATIENCE)).split()
    return await ground.docker.inspected("container", ids)


async def _as_made(files: Files, ground: Ground, facts: list[dict[str, Any]]) -> Mapping[str, str]:
    """Return, by container, the hash that the files give with its own image and labels.

    Equal to the container's own, the files are what they were when it was made.
    """
    waiting = [one for one in facts if _label(one, labels.COMPOSE_SERVICE) in _known(ground)]
    found: dict[str, str] = {}
    while waiting:
        # One call answers for one container of each service, and for those that are like it.
        now: dict[str, tuple[str, Mapping[str, str]]] = {}
        for one in waiting:
            now.setdefault(_label(one, labels.COMPOSE_SERVICE), _made_of(one))
        hashes = await files.hashes(now)
        for one in waiting:
            service = _label(one, labels.COMPOSE_SERVICE)
            if _made_of(one) == now[service]:
                found[str(one.get("Id"))] = hashes.get(service, "")
        waiting = [one for one in waiting if str(one.get("Id")) not in found]
    return found


def _known(ground: Ground) -> Mapping[str, object]:
    return ground.found.read.project.services


def _made_of(facts: Facts) -> tuple[str, Mapping[str, str]]:
    config = facts.get("Config") or {}
    own = config.get("Labels") or {}
    return str(config.get("Image") or ""), {name: own[name] for name in _OURS if name in own}


async def _digests(ground: Ground, images: list[str]) -> Mapping[str, frozenset[str]]:
    """Return for each image, by its id and by the word it was asked for, its digests and its id."""
    found: dict[str, frozenset[str]] = {}
    for image in dict.fromkeys(images):
        for facts in await ground.docker.inspected("image", [image]):
            known = (str(entry).partition("@")[2] for entry in facts.get("RepoDigests") or ())
            found[image] = frozenset((*known, str(facts.get("Id"))))
    return found


def _nameless(facts: Facts) -> Iterator[str]:
    for mount in facts.get("Mounts") or ():
        if mount.get("Type") == "volume" and _MADE_UP.fullmatch(str(mount.get("Name"))):
            yield str(mount.get("Destination"))


def _addresses(facts: Facts) -> Iterator[str]:
    for network in ((facts.get("NetworkSettings") or {}).get("Networks") or {}).values():
        given = network.get("IPAMConfig") or {}
        yield from (given[key] for key in ("IPv4Address", "IPv6Address") if given.get(key))


def _is_named(ground: Ground, facts: Facts) -> bool:
    """Return whether the fixed name that a deployment gave is still the one of the files."""
    name = _label(facts, NAMED)
    service = ground.found.read.project.services.get(_label(facts, labels.COMPOSE_SERVICE))
    return not name or service is None or name == service.container_name


def _label(facts: Facts, name: str) -> str:
    return str(((facts.get("Config") or {}).get("Labels") or {}).get(name, ""))
