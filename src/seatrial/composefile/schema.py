"""Which keys Compose knows where, and of what kind their values are.

A table row reads ``kinds: keys``; the kinds are ``s`` string, ``b`` boolean, ``n`` number,
``l`` list, ``m`` mapping, ``0`` null. Source: the schema of compose-spec.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import cache

from seatrial.composefile.scalars import Timestamp
from seatrial.composefile.tree import ListNode, MapNode, Node, is_null
from seatrial.errors import ConfigError

_TOP = {
    "s": "name version",
    "m": "services networks volumes secrets configs models jobs",
    "l0": "include",
}
_SERVICE = {
    "lm": "annotations depends_on environment extra_hosts labels models networks sysctls",
    "sb": "attach init oom_kill_disable privileged read_only stdin_open tty",
    "m": "blkio_config credential_spec healthcheck logging provider storage_opt ulimits",
    "sm": "build extends",
    "l": "cap_add cap_drop configs device_cgroup_rules devices dns_opt expose external_links"
    " group_add links ports post_start pre_start pre_stop profiles secrets security_opt volumes"
    " volumes_from",
    "s": "cgroup cgroup_parent container_name cpuset domainname hostname image ipc isolation"
    " mac_address network_mode platform pull_policy pull_refresh_after restart runtime"
    " stop_grace_period stop_signal user userns_mode uts working_dir",
    "sl0": "command entrypoint",
    "sn": "cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares"
    " cpus mem_limit mem_reservation mem_swappiness memswap_limit oom_score_adj pids_limit scale"
    " shm_size umask",
    "m0": "deploy develop",
    "sl": "dns dns_search env_file gpus label_file tmpfs",
    "s0": "pid",
    "b": "use_api_socket",
}
_BUILD = {
    "s": "context dockerfile dockerfile_inline network target isolation",
    "l": "entitlements cache_from cache_to secrets tags platforms",
    "lm": "args ssh labels additional_contexts extra_hosts",
    "sb": "no_cache provenance sbom pull privileged",
    "sl": "no_cache_filter",
    "sn": "shm_size",
    "m": "ulimits",
}
_HEALTHCHECK = {
    "sl": "test",
    "s": "interval timeout start_period start_interval",
    "sn": "retries",
    "sb": "disable",
}
_PORT = {"s": "name mode host_ip protocol app_protocol", "sn": "target published"}
_MOUNT = {
    "s": "type source target consistency",
    "sb": "read_only",
    "m": "bind volume tmpfs image",
}
_GRANT = {"s": "source target uid gid", "sn": "mode"}
_DEPENDENCY = {"s": "condition", "sb": "required restart"}
_SERVICE_NETWORK = {
    "l": "aliases link_local_ips",
    "s": "interface_name ipv4_address ipv6_address mac_address",
    "m": "driver_opts",
    "sn": "priority gw_priority",
}
_DEPLOY = {
    "s": "mode endpoint_mode",
    "sn": "replicas",
    "lm": "labels",
    "m": "rollback_config update_config resources restart_policy placement",
}
_NETWORK = {
    "s": "name driver",
    "m": "driver_opts ipam",
    "sbm": "external",
    "sb": "internal enable_ipv4 enable_ipv6 attachable",
    "lm": "labels",
}
_VOLUME = {"s": "name driver", "m": "driver_opts", "sbm": "external", "lm": "labels"}
_FILE_OBJECT = {"s": "name environment file template_driver", "sbm": "external", "lm": "labels"}
_SECRET = {**_FILE_OBJECT, "s": _FILE_OBJECT["s"] + " driver", "m": "driver_opts"}
_CONFIG = {**_FILE_OBJECT, "s": _FILE_OBJECT["s"] + " content"}

TABLES: Mapping[str, Mapping[str, str]] = {
    "top level": _TOP,
    "service": _SERVICE,
    "build": _BUILD,
    "healthcheck": _HEALTHCHECK,
    "port": _PORT,
    "volume mount": _MOUNT,
    "secret or config": _GRANT,
    "dependency": _DEPENDENCY,
    "service network": _SERVICE_NETWORK,
    "deploy": _DEPLOY,
    "logging": {"s": "driver", "m": "options"},
    "extends": {"s": "service file"},
    "env_file": {"s": "path format", "sb": "required"},
    "include": {"sl": "path env_file", "s": "project_directory"},
    "network": _NETWORK,
    "volume": _VOLUME,
    "secret": _SECRET,
    "config": _CONFIG,
}
_STRING_LISTS = (
    *("cap_add", "cap_drop", "command", "device_cgroup_rules", "dns", "dns_opt", "dns_search"),
    *("entrypoint", "external_links", "links", "profiles", "security_opt", "tmpfs"),
    "volumes_from",
)
_WORDS = {
    "s": "a string",
    "b": "true or false",
    "n": "a number",
    "l": "a list",
    "m": "a mapping",
    "0": "null",
    "t": "a date",
}


@cache
def known_keys(table: str) -> Mapping[str, str]:
    """Return key → kinds of one table."""
    return {key: kinds for kinds, keys in TABLES[table].items() for key in keys.split()}


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean …?`` for the nearest of ``known``, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""


def check_document(root: MapNode) -> None:
    """Raise ``ConfigError`` where a document has an unknown key or a value of a wrong kind."""
    _check(root, "top level", "the file")
    for section, table in (
        ("services", "service"),
        ("networks", "network"),
        ("volumes", "volume"),
        ("secrets", "secret"),
        ("configs", "config"),
    ):
        for name, node in _entries(root, section):
            if table in ("network", "volume") and is_null(node):
                continue
            _check(expect_map(node, f"{section}.{name}"), table, f"{section}.{name}")
    for name, node in _entries(root, "services"):
        _check_service(expect_map(node, f"services.{name}"), f"services.{name}")
    include = root.get("include")
    if isinstance(include, ListNode):
        _check_items(include, "include", "include")


def _entries(root: MapNode, section: str) -> list[tuple[str, Node]]:
    node = root.get(section)
    if not isinstance(node, MapNode):
        return []
    return [
        (name, item)
        for name, item in node.items.items()
        if not name.startswith("x-") and item.tag != "!reset"
    ]


def _check_service(service: MapNode, path: str) -> None:
    for key in ("build", "healthcheck", "deploy", "logging", "extends"):
        node = service.get(key)
        if isinstance(node, MapNode):
            _check(node, key, f"{path}.{key}")
    for key, table in (
        ("ports", "port"),
        ("volumes", "volume mount"),
        ("secrets", "secret or config"),
        ("configs", "secret or config"),
        ("env_file", "env_file"),
    ):
        node = service.get(key)
        if isinstance(node, ListNode):
            _check_items(node, table, f"{path}.{key}")
    for key in _STRING_LISTS:
        node = service.get(key)
        for item in node.items if isinstance(node, ListNode) else ():
            if item.tag != "!reset":
                check_kind(item, "s", f"an item of {path}.{key}")
    for key, table in (("depends_on", "dependency"), ("networks", "service network")):
        node = service.get(key)
        for name, item in node.items.items() if isinstance(node, MapNode) else ():
            if key == "networks" and is_null(item):
                continue
            _check(expect_map(item, f"{path}.{key}.{name}"), table, f"{path}.{key}.{name}")


def _check_items(node: ListNode, table: str, path: str) -> None:
    for item in node.items:
        if isinstance(item, MapNode):
            _check(item, table, path)


def _check(node: MapNode, table: str, path: str) -> None:
    known = known_keys(table)
    for key, value in node.items.items():
        if key.startswith("x-") or value.tag == "!reset":
            continue
        if key not in known:
            raise ConfigError(
                f"{path} has an unknown key {key!r}",
                where=node.where_of(key),
                mend=nearest(key, known) or "remove it, or begin its name with x-",
            )
        check_kind(value, known[key], f"{path}.{key}" if path != "the file" else key)


def check_kind(node: Node, kinds: str, path: str) -> None:
    """Raise ``ConfigError`` where ``node`` is not of one of ``kinds``."""
    kind = kind_of(node)
    if kind in kinds:
        return
    *others, last = (_WORDS[wanted] for wanted in kinds if wanted != "0")
    wanted = f"{', '.join(others)} or {last}" if others else last
    raise ConfigError(
        f"{path} must be {wanted}, not {_WORDS[kind]}",
        where=node.where,
        mend="put the value in quotes" if "s" in kinds and kind in "bnt" else f"write {wanted}",
    )


def kind_of(node: Node) -> str:
    """Return the letter of a node's kind."""
    if isinstance(node, MapNode):
        return "m"
    if isinstance(node, ListNode):
        return "l"
    if node.value is None:
        return "0"
    if isinstance(node.value, str):
        return "t" if isinstance(node.value, Timestamp) else "s"
    return "b" if isinstance(node.value, bool) else "n"


def expect_map(node: Node, path: str) -> MapNode:
    """Return ``node`` as a mapping; raises ``ConfigError`` where it is none."""
    check_kind(node, "m", path)
    assert isinstance(node, MapNode)
    return node
