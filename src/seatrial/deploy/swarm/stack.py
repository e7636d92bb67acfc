"""A compose project as ``docker compose config`` prints it to the parts of a stack. Pure.

::

    config (JSON) ─► Conversion per service ─┐
                     networks, volumes       ├─► Stack ─► stack file of one wave
                     secrets, configs        ┘
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.composefile.model import ComposeProject
from seatrial.deploy.swarm.keys import Change
from seatrial.deploy.swarm.rolling import watched
from seatrial.deploy.swarm.service import Conversion, Facts
from seatrial.runtimes.docker import yamltext

# Labels of a service: of what it was made, in which deployment, and on which node its data is.
MADE_OF = "dev.seatrial.made-of"
DEPLOYMENT = "dev.seatrial.deployment"
PINNED = "dev.seatrial.pinned"
NAMESPACE = "com.docker.stack.namespace"
_NETWORK_KEYS = ("name", "driver", "driver_opts", "external", "internal", "attachable", "labels")
_VOLUME_KEYS = ("name", "driver", "driver_opts", "external", "labels")


@dataclass(frozen=True, slots=True)
class Stack:
    """All that a stack file says, and how it differs from the compose files.

    ``secrets`` and ``configs`` map keys to the names that they have in the Swarm; ``pins`` services
    to the node that holds their data. ``watch`` is in seconds.
    """

    name: str
    services: Mapping[str, Mapping[str, Any]]
    networks: Mapping[str, Mapping[str, Any]]
    volumes: Mapping[str, Mapping[str, Any]]
    secrets: Mapping[str, str]
    configs: Mapping[str, str]
    jobs: frozenset[str]
    pins: Mapping[str, str]
    changes: tuple[Change, ...]
    watch: float

    def made_of(self, service: str) -> str:
        """Return a word that changes with anything that the service is made of."""
        node = self.services[service]
        networks = {key: self.networks[key] for key in node["networks"]}
        volumes = {key: self.volumes[key] for key in self._volumes_of(node)}
        granted = [
            names[grant["source"]]
            for key, names in (("secrets", self.secrets), ("configs", self.configs))
            for grant in node.get(key) or ()
        ]
        text = json.dumps([node, networks, volumes, granted], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def file(self, services: Collection[str], deployment: str) -> str:
        """Return the stack file of some ``services``, with all that they refer to.

        Secrets and configs are there already, so the file names them and holds none.
        """
        nodes = {name: self._labelled(name, deployment) for name in services}
        networks = dict.fromkeys(key for node in nodes.values() for key in node["networks"])
        volumes = dict.fromkeys(key for node in nodes.values() for key in self._volumes_of(node))
        document: dict[str, Any] = {
            "version": "3.13",
            "services": nodes,
            "networks": {key: self.networks[key] for key in networks},
            "volumes": {key: self.volumes[key] for key in volumes},
        }
        for key, names in (("secrets", self.secrets), ("configs", self.configs)):
            used = dict.fromkeys(
                g["source"] for node in nodes.values() for g in node.get(key) or ()
            )
            document[key] = {one: {"external": True, "name": names[one]} for one in used}
        return yamltext.text({key: value for key, value in document.items() if value})

    def _labelled(self, name: str, deployment: str) -> Mapping[str, Any]:
        node = self.services[name]
        deploy = watched(node["deploy"], self.watch)
        own = {MADE_OF: self.made_of(name), DEPLOYMENT: deployment}
        if name in self.pins:
            own[PINNED] = self.pins[name]
        deploy["labels"] = {**(deploy.get("labels") or {}), **own}
        return {**node, "deploy": deploy}

    def _volumes_of(self, node: Mapping[str, Any]) -> Iterator[str]:
        for mount in node.get("volumes") or ():
            if mount["type"] == "volume" and mount.get("source") in self.volumes:
                yield mount["source"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the Swarm and its registries before a stack file can be written.

    ``images`` maps services to images with digests, ``pins`` services to nodes.
    """

    images: Mapping[str, str]
    secrets: Mapping[str, str]
    configs: Mapping[str, str]
    jobs: frozenset[str]
    pins: Mapping[str, str]
    watch: float
    start_interval: bool = True


def convert(name: str, config: Mapping[str, Any], project: ComposeProject, known: Known) -> Stack:
    """Return the stack ``name`` of ``config`` (:func:`unescaped`); places are ``project``'s.

    Raises ``ConfigError`` for a service that a Swarm cannot run.
    """
    services: dict[str, Mapping[str, Any]] = {}
    changes: list[Change] = []
    for key, given in config["services"].items():
        facts = Facts(
            image=known.images.get(key) or given.get("image") or "",
            pin=known.pins.get(key, ""),
            job=key in known.jobs,
            start_interval=known.start_interval,
        )
        converted = Conversion(project.services[key], given, facts).result()
        services[key] = converted.node
        changes += converted.changes
    networks = {}
    for key, given in (config.get("networks") or {}).items():
        networks[key] = _network(name, key, given or {}, project, changes)
    networks.setdefault("default", {"driver": "overlay"})
    volumes = {
        key: {k: given[k] for k in _VOLUME_KEYS if given.get(k)}
        for key, given in ((k, v or {}) for k, v in (config.get("volumes") or {}).items())
    }
    return Stack(
        name,
        services,
        networks,
        volumes,
        known.secrets,
        known.configs,
        known.jobs,
        known.pins,
        tuple(changes),
        known.watch,
    )


def unescaped(value: Any) -> Any:
    """Return ``value`` with ``$`` for ``$$``, which ``docker compose config`` writes for it."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, dict):
        return {key: unescaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unescaped(item) for item in value]
    return value


def _network(
    stack: str,
    key: str,
    given: Mapping[str, Any],
    project: ComposeProject,
    changes: list[Change],
) -> Mapping[str, Any]:
    kept = {name: given[name] for name in _NETWORK_KEYS if given.get(name)}
    if kept.get("external"):
        return {"external": True, "name": kept.get("name", key)}
    resource = project.networks.get(key)
    where = resource.where if resource else None
    subject = f"network {key}"
    # The name that a stack gives by itself.
    if kept.get("name") == f"{stack}_{key}":
        del kept["name"]
    if kept.get("driver") not in (None, "overlay"):
        changes.append(Change(subject, "driver", "overlay, which reaches all nodes", where))
    kept["driver"] = "overlay"
    ipam = given.get("ipam") or {}
    subnets = [{"subnet": one["subnet"]} for one in ipam.get("config") or () if one.get("subnet")]
    if subnets:
        kept["ipam"] = {"config": subnets}
    changes += (
        Change(subject, lost, "Swarm has no such setting", where, dropped=True)
        for lost in sorted({"enable_ipv4", "enable_ipv6"} & set(given))
    )
    return kept
