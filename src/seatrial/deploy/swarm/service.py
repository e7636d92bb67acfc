"""One service as ``docker compose config`` prints it to one of a stack. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.composefile.model import ComposeService
from seatrial.deploy.swarm.keys import (
    CONVERTED,
    DROPPED,
    KEPT,
    REFUSED,
    WITHOUT_EFFECT,
    Change,
)
from seatrial.deploy.swarm.rolling import policies
from seatrial.deploy.swarm.storage import mounts
from seatrial.errors import ConfigError, Where

_LOOPBACK = ("127.", "::1", "[::1]", "localhost")
# A job that fails is tried again so many times where its file sets no limit.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the conversion of a service is told besides its file.

    ``image`` is with its digest; ``pin`` is the id of the node that holds the service's volumes,
    empty where there is none or its file places it; ``job`` says that the service is to end;
    ``start_interval`` that the engine knows it.
    """

    image: str
    pin: str = ""
    job: bool = False
    start_interval: bool = True


@dataclass(frozen=True, slots=True)
class Converted:
    """A service of a stack file, and how it differs from the compose file's."""

    node: Mapping[str, Any]
    changes: tuple[Change, ...]


class Conversion:
    """Converts one service; collects what is to be told."""

    def __init__(self, read: ComposeService, given: Mapping[str, Any], facts: Facts) -> None:
        self._read = read
        self._given = {key: value for key, value in given.items() if value not in (None, [], {})}
        self._facts = facts
        self._changes: list[Change] = []

    def result(self) -> Converted:
        """Return the service. Raises ``ConfigError`` where a Swarm cannot run it."""
        self._refuse()
        for key in self._given:
            if key in DROPPED:
                self._drop(key, DROPPED[key])
            elif key not in KEPT | CONVERTED | WITHOUT_EFFECT and not key.startswith("x-"):
                self._drop(key, "docker stack deploy does not know it")
        node: dict[str, Any] = {key: value for key, value in self._given.items() if key in KEPT}
        node["image"] = self._facts.image
        node["networks"] = dict(self._networks())
        parts = {
            "healthcheck": self._healthcheck(),
            "ports": list(self._ports()),
            "volumes": list(mounts(self._given, self._change)),
            "secrets": list(self._grants("secrets")),
            "configs": list(self._grants("configs")),
        }
        node |= {key: value for key, value in parts.items() if value}
        node["deploy"] = self._deploy(node)
        return Converted(node, tuple(self._changes))

    def _refuse(self) -> None:
        for key in sorted(REFUSED & set(self._given)):
            if self._given[key] is not False:
                raise ConfigError(
                    f"service {self._read.name!r} says {key}, and a Swarm cannot run it so",
                    where=self._where(key),
                    mend=f"leave {key} out, or deploy it with Compose on its own machine",
                )

    def _networks(self) -> Iterator[tuple[str, Any]]:
        for name, given in (self._given.get("networks") or {"default": None}).items():
            options = given or {}
            kept = {key: options[key] for key in ("aliases", "driver_opts") if options.get(key)}
            for key in options.keys() - kept.keys():
                self._drop(f"networks.{name}.{key}", "the addresses are Swarm's own")
            yield name, kept or None

    def _healthcheck(self) -> Mapping[str, Any] | None:
        check = dict(self._given.get("healthcheck") or {})
        if check.get("disable") or check.get("test") == ["NONE"]:
            return {"disable": True}
        if "start_interval" in check and not self._facts.start_interval:
            del check["start_interval"]
            self._drop("healthcheck.start_interval", "this engine is older than 25")
        return check

    def _ports(self) -> Iterator[Mapping[str, Any]]:
        by_dns = (self._given.get("deploy") or {}).get("endpoint_mode") == "dnsrr"
        for port in self._given.get("ports") or ():
            address = port.get("host_ip") or ""
            if address and address not in ("0.0.0.0", "::", "[::]"):
                here = "this machine only" if address.startswith(_LOOPBACK) else "one address"
                self._drop(
                    "ports",
                    f"{port['target']} is published on {here} ({address}), and Swarm publishes on"
                    " all addresses of all nodes: it is not published",
                )
                continue
            entry = {"target": int(port["target"]), "protocol": port.get("protocol") or "tcp"}
            if port.get("published"):
                entry["published"] = self._published(str(port["published"]))
            entry["mode"] = "host" if by_dns else port.get("mode") or "ingress"
            if by_dns and port.get("mode") != "host":
                why = "with endpoint_mode dnsrr a port is published where a container runs"
                self._change("ports", why)
            elif entry["mode"] == "ingress" and port.get("published"):
                self._change("ports", "published on every node, which passes on what comes in")
            yield entry

    def _published(self, text: str) -> int:
        if not text.isdecimal():
            raise ConfigError(
                f"service {self._read.name!r} publishes one of the ports {text}",
                where=self._where("ports"),
                mend="name one port: a Swarm takes no range",
            )
        return int(text)

    def _grants(self, key: str) -> Iterator[Mapping[str, Any]]:
        for grant in self._given.get(key) or ():
            entry = {
                name: grant[name] for name in ("source", "target", "uid", "gid") if name in grant
            }
            if grant.get("mode") is not None:
                mode = grant["mode"]
                entry["mode"] = int(mode, 8) if isinstance(mode, str) else mode
            yield entry

    def _deploy(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        deploy = {key: value for key, value in (self._given.get("deploy") or {}).items() if value}
        deploy["resources"] = self._resources(deploy.get("resources") or {})
        if (scale := self._given.get("scale")) is not None:
            deploy.setdefault("replicas", int(scale))
        elif (replicas := (self._given.get("deploy") or {}).get("replicas")) is not None:
            deploy["replicas"] = int(replicas)
        if self._facts.pin:
            placement = dict(deploy.get("placement") or {})
            placement["constraints"] = [f"node.id == {self._facts.pin}"]
            deploy["placement"] = placement
            self._change(
                "volumes",
                "a volume is on one node and does not move, so the service stays where it is; say"
                " otherwise in deploy.placement.constraints",
            )
        deploy["restart_policy"] = self._restart(deploy.get("restart_policy"))
        if self._facts.job:
            for key in ("update_config", "rollback_config", "endpoint_mode"):
                deploy.pop(key, None)
            own = str(deploy.get("mode", ""))
            deploy["mode"] = own if own.endswith("-job") else "replicated-job"
            return {key: value for key, value in deploy.items() if value}
        deploy |= policies(deploy, node)
        return {key: value for key, value in deploy.items() if value or key == "replicas"}

    def _resources(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        limits, reserved = dict(given.get("limits") or {}), dict(given.get("reservations") or {})
        for key, into, name in (
            ("mem_limit", limits, "memory"),
            ("cpus", limits, "cpus"),
            ("pids_limit", limits, "pids"),
            ("mem_reservation", reserved, "memory"),
        ):
            if self._given.get(key) and name not in into:
                into[name] = self._given[key]
                self._change(
                    key,
                    f"now deploy.resources.{'limits' if into is limits else 'reservations'}.{name}",
                )
        if reserved.pop("devices", None):
            self._drop(
                "deploy.resources.reservations.devices", "offer generic resources on the nodes"
            )
        for part in (limits, reserved):
            for name in ("cpus", "memory"):
                if name in part:
                    part[name] = str(part[name])
        return {k: v for k, v in (("limits", limits), ("reservations", reserved)) if v}

    def _restart(self, given: Mapping[str, Any] | None) -> Mapping[str, Any]:
        word, _, count = str(self._given.get("restart") or "").partition(":")
        if given:
            policy = dict(given)
        elif word in ("always", "unless-stopped"):
            policy = {"condition": "any"}
        elif word == "on-failure":
            policy = {"condition": "on-failure"}
            if count.isdecimal():
                policy["max_attempts"] = int(count)
        elif self._facts.job:
            policy = {"condition": "none"}
        else:
            policy = {"condition": "any"}
            self._change("restart", "Swarm starts what ended again, as restart: always would")
        if word and not given:
            self._change("restart", "now deploy.restart_policy")
        if self._facts.job:
            if policy.get("condition") == "any":
                policy["condition"] = "on-failure"
            if policy.get("condition") == "on-failure" and "max_attempts" not in policy:
                policy["max_attempts"] = _ATTEMPTS
                self._change(
                    "restart", f"a job that fails is tried {_ATTEMPTS} times more, not for ever"
                )
        return policy

    def _change(self, key: str, why: str) -> None:
        self._changes.append(Change(self._read.name, key, why, self._where(key)))

    def _drop(self, key: str, why: str) -> None:
        self._changes.append(Change(self._read.name, key, why, self._where(key), dropped=True))

    def _where(self, key: str) -> Where:
        return self._read.keys.get(key.partition(".")[0], self._read.where)
