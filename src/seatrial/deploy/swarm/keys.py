"""What becomes of each key of a compose service on a Swarm, and why.

Tried against ``docker stack deploy`` of Engine 28: it refuses a key that its schema (3.13) does not
have, and passes over others in silence, which is worse. Every key that is not kept is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seatrial.errors import Where


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Taken over as they stand.
KEPT = _words(
    """
    cap_add cap_drop command credential_spec dns dns_search entrypoint environment extra_hosts
    hostname init isolation labels logging oom_score_adj read_only stdin_open stop_grace_period
    stop_signal sysctls tty ulimits user working_dir
    """
)
# Made into something else by a function of their own.
CONVERTED = _words(
    """
    configs cpus deploy healthcheck image mem_limit mem_reservation networks pids_limit ports
    restart scale secrets shm_size tmpfs volumes
    """
)
# Nothing is lost without them on a Swarm, so nothing is said.
WITHOUT_EFFECT = _words(
    "attach develop env_file expose extends profiles pull_policy pull_refresh_after"
)
_NO_SUCH = "a service of a Swarm has no such setting"
_LIMITS = "Swarm knows limits of memory, processors and processes only"
DROPPED: Mapping[str, str] = {
    "build": "images come from a registry",
    "container_name": "Swarm names its containers itself",
    "depends_on": "the order is kept while this deployment runs; later each node starts"
    " containers as it pleases, so a service must bear that another is not there yet",
    "domainname": _NO_SUCH,
    "links": "services of one network find each other by their names",
    "external_links": "services of one network find each other by their names",
    "security_opt": f"{_NO_SUCH}: containers can gain privileges by setuid programs"
    " (cap_drop, user and read_only are kept)",
    "platform": "say node.platform.arch in deploy.placement.constraints",
    **dict.fromkeys(
        _words("""
        blkio_config cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime
        cpu_shares cpuset mem_swappiness memswap_limit oom_kill_disable storage_opt
        """),
        _LIMITS,
    ),
    **dict.fromkeys(
        _words("""
        annotations cgroup cgroup_parent device_cgroup_rules dns_opt group_add ipc label_file
        mac_address pid post_start pre_start pre_stop runtime umask userns_mode uts
        """),
        _NO_SUCH,
    ),
}
# A service that says one of these cannot do its work without it.
REFUSED = _words("devices gpus models network_mode privileged provider use_api_socket volumes_from")


@dataclass(frozen=True, slots=True)
class Change:
    """A key of ``service`` that is not what it was. ``key`` is dotted, ``why`` has no full stop."""

    service: str
    key: str
    why: str
    where: Where | None = None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """One change of several services, told once."""

    services: tuple[str, ...]
    change: Change
    places: tuple[Where, ...]


def together(changes: Iterable[Change]) -> tuple[Together, ...]:
    """Return the changes with those joined that are the same for several services, dropped last."""
    found: dict[tuple[bool, str, str], list[Change]] = {}
    for change in changes:
        found.setdefault((change.dropped, change.key, change.why), []).append(change)
    return tuple(
        Together(
            tuple(dict.fromkeys(change.service for change in same)),
            same[0],
            tuple(dict.fromkeys(change.where for change in same if change.where)),
        )
        for _, same in sorted(found.items(), key=lambda entry: entry[0][0])
    )
