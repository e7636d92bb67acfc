"""The keys of a service: which are left out and why, their order, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.composefile.canonical import scalar_text
from seatrial.composefile.tree import ListNode, Node, ScalarNode
from seatrial.scaffold.adopt.variables import composed
from seatrial.scaffold.adopt.yamltext import Value

# Keys that are left out wherever they stand, and why.
DROPPED = {
    "container_name": "a fixed name would clash between runs",
    "restart": "a service that fails is to be seen to fail",
    "deploy": "limits and replicas are for production",
    "mem_limit": "limits are for production",
    "mem_reservation": "limits are for production",
    "memswap_limit": "limits are for production",
    "cpus": "limits are for production",
    "scale": "one of each is enough for tests",
    "labels": "they speak to programs outside of the tests",
    "logging": "seatrial reads the logs where the engine keeps them",
    "develop": "it is for development",
    "stdin_open": "nobody sits at it",
    "tty": "nobody sits at it",
    "pid": "processes of the host are none of its business",
    "ipc": "memory of the host is none of its business",
    "pull_policy": "an image that is here already serves",
}
SILENT = ("stdin_open", "tty", "pull_policy", "extends", "profiles")
# In the order in which we write a service.
ORDER = (
    *("image", "build", "platform", "init", "user", "working_dir", "entrypoint", "command"),
    *("environment", "env_file", "secrets", "configs", "tmpfs", "volumes", "ports"),
    *("expose", "healthcheck", "depends_on", "networks"),
)
# What gives a server its password, and what makes it do without one.
_MYSQL = ("MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE", "MYSQL_ALLOW_EMPTY_PASSWORD")
LOGINS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "postgres": (
        ("POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_HOST_AUTH_METHOD"),
        "POSTGRES_HOST_AUTH_METHOD",
        "trust",
    ),
    "mysql": ((*_MYSQL, "MYSQL_RANDOM_ROOT_PASSWORD"), "MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
    "mariadb": (
        (*_MYSQL, "MARIADB_ROOT_PASSWORD", "MARIADB_ROOT_PASSWORD_FILE"),
        "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
        "yes",
    ),
}
DEBUGGERS = {9229: "Node", 9230: "Node", 5678: "Python", 2345: "Go", 5005: "Java"}


def grants(value: Value) -> Value:
    """Return secrets or configs, by their names alone where there is no more to say."""
    entries = value if isinstance(value, list) else []
    return [e["source"] if isinstance(e, dict) and list(e) == ["source"] else e for e in entries]


def generic(node: Node) -> Value:
    """Return a node as it would be written again."""
    if isinstance(node, ScalarNode):
        value = node.value
        if isinstance(value, str) or value is None:
            return None if value is None else composed(value)
        return value if isinstance(value, bool | int | float) else scalar_text(node)
    if isinstance(node, ListNode):
        return [generic(item) for item in node.items]
    return {key: generic(item) for key, item in node.items.items()}
