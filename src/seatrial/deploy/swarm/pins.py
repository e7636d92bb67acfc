"""On which node a service stays for the data that it has there. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.deploy.swarm.now import Now


def pins(config: Mapping[str, Any], now: Now) -> Mapping[str, str]:
    """Return the node of each service with volumes of one node and no placement of its own.

    It stays where it was, comes to where another one has the same volume, or starts at home.
    Raises ``EnvironmentFailure`` where it has data on several nodes.
    """
    services = config["services"]
    used = {key: frozenset(_local(config, service)) for key, service in services.items()}
    found = {}
    for key, service in services.items():
        if used[key] and not _is_placed(service):
            there = now.services.get(key)
            own = (there.pinned if there else "") or now.place_of(key)
            found[key] = own or _of_others(key, used, now) or now.home
    return found


def _local(config: Mapping[str, Any], service: Mapping[str, Any]) -> Iterator[str]:
    """Yield the volumes of a service that are on one node each."""
    for mount in service.get("volumes") or ():
        name = mount.get("source") if mount["type"] == "volume" else None
        volume = (config.get("volumes") or {}).get(name) or {}
        if name and volume.get("driver") in (None, "local"):
            yield name


def _is_placed(service: Mapping[str, Any]) -> bool:
    deploy = service.get("deploy") or {}
    is_global = str(deploy.get("mode", "")).startswith("global")
    return is_global or bool((deploy.get("placement") or {}).get("constraints"))


def _of_others(key: str, used: Mapping[str, frozenset[str]], now: Now) -> str:
    """Return the one node of the services that share a volume with ``key``."""
    nodes = set[str]()
    for other in used:
        if other != key and used[other] & used[key]:
            there = now.services.get(other)
            pinned = there.pinned if there else ""
            nodes |= {pinned} if pinned else {node.id for node in now.places(other)}
    return nodes.pop() if len(nodes) == 1 else ""
