"""Volumes, bind mounts and tmpfs of a service in the words of a stack file. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Tell = Callable[[str, str], None]


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def size_in_bytes(text: str) -> int:
    """Return a size such as ``64m`` in bytes; 0, which is no limit, where it is none."""
    match = _SIZE.fullmatch(text.strip())
    return int(float(match[1]) * 1024 ** _POWERS[match[2].lower()]) if match else 0


def mounts(service: Mapping[str, Any], tell: Tell) -> Iterator[Mapping[str, Any]]:
    """Yield the mounts of ``service``; ``tell`` hears of a key that changed, and why.

    ``tmpfs:`` and ``shm_size:`` become mounts: Swarm passes over both keys in silence, and a
    read-only container without its ``/tmp`` does not start.
    """
    for mount in service.get("volumes") or ():
        yield _mount(mount, tell)
    for line in service.get("tmpfs") or ():
        yield _tmpfs(line, tell)
    if size := service.get("shm_size"):
        tell("shm_size", "now a tmpfs of that size at /dev/shm")
        yield {"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": size_in_bytes(str(size))}}


def _mount(mount: Mapping[str, Any], tell: Tell) -> Mapping[str, Any]:
    kept = ("type", "source", "target", "read_only", "consistency")
    entry: dict[str, Any] = {key: mount[key] for key in kept if mount.get(key)}
    kind = entry["type"]
    if kind == "bind":
        tell("volumes", f"{entry['source']} must be on every node that may run it")
        if propagation := (mount.get("bind") or {}).get("propagation"):
            entry["bind"] = {"propagation": propagation}
    elif kind == "volume":
        options = mount.get("volume") or {}
        if options.get("nocopy"):
            entry["volume"] = {"nocopy": True}
        if options.get("subpath"):
            tell("volumes", f"the subpath of {entry['target']} is dropped: all of it is mounted")
    elif kind == "tmpfs" and (size := (mount.get("tmpfs") or {}).get("size")):
        entry["tmpfs"] = {"size": size_in_bytes(str(size))}
    return entry


def _tmpfs(line: str, tell: Tell) -> Mapping[str, Any]:
    target, _, options = line.partition(":")
    entry: dict[str, Any] = {"type": "tmpfs", "target": target}
    lost = []
    for option in filter(None, options.split(",")):
        name, _, value = option.partition("=")
        if name == "size":
            entry["tmpfs"] = {"size": size_in_bytes(value)}
        else:
            lost.append(name)
    tell("tmpfs", "now mounts of their own" + (f", without {', '.join(lost)}" if lost else ""))
    return entry


def keeps_data(service: Mapping[str, Any]) -> bool:
    """Return whether a converted service writes to a place that outlives its container.

    A volume without a name does not: it is another one for each container.
    """
    return any(
        mount["type"] != "tmpfs" and mount.get("source") and not mount.get("read_only")
        for mount in service.get("volumes") or ()
    )
