"""What is known of the public images of servers: where their data lies, how they are asked.

The names, folders and clients are those that the images' own documentation gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.composefile.urls import image_name


@dataclass(frozen=True, slots=True)
class Backing:
    """A server that services stand on: its port, its data folders, the command that asks it."""

    kind: str
    port: int
    data: tuple[str, ...] = ()
    check: tuple[str, ...] = ()


# By the last word of an image's name.
_KINDS = {
    "postgres": "postgres postgis pgvector timescaledb",
    "mysql": "mysql mysql-server percona percona-server",
    "mariadb": "mariadb",
    "redis": "redis redis-stack-server",
    "valkey": "valkey",
    "mongo": "mongo mongodb-community-server",
    "rabbitmq": "rabbitmq",
    "nats": "nats",
    "memcached": "memcached",
    "elasticsearch": "elasticsearch",
    "clickhouse": "clickhouse-server clickhouse",
    "minio": "minio",
}
_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names.split()}

# Over TCP, as a client would come: on their sockets some images answer while they still set up.
_HERE = "127.0.0.1"
_BACKINGS: Mapping[str, Backing] = {
    backing.kind: backing
    for backing in (
        Backing("postgres", 5432, ("/var/lib/postgresql/data",)),
        Backing(
            "mysql",
            3306,
            ("/var/lib/mysql",),
            ("CMD", "mysqladmin", "ping", "-h", _HERE, "--silent"),
        ),
        Backing("mariadb", 3306, ("/var/lib/mysql",)),
        Backing("redis", 6379, ("/data",), ("CMD", "redis-cli", "-h", _HERE, "ping")),
        Backing("valkey", 6379, ("/data",), ("CMD", "valkey-cli", "-h", _HERE, "ping")),
        Backing("mongo", 27017, ("/data/db", "/data/configdb")),
        Backing(
            "rabbitmq",
            5672,
            ("/var/lib/rabbitmq",),
            ("CMD", "rabbitmq-diagnostics", "-q", "check_port_connectivity"),
        ),
        Backing("nats", 4222),
        Backing("memcached", 11211),
        Backing(
            "elasticsearch",
            9200,
            ("/usr/share/elasticsearch/data",),
            ("CMD", "curl", "-fsS", f"http://{_HERE}:9200/_cluster/health"),
        ),
        Backing(
            "clickhouse",
            8123,
            ("/var/lib/clickhouse",),
            ("CMD", "clickhouse-client", "--host", _HERE, "--query", "SELECT 1"),
        ),
        Backing("minio", 9000, ("/data",), ("CMD", "mc", "ready", "local")),
    )
}


def backing_of(image: str) -> Backing | None:
    """Return what is known of ``image`` as a server, with what depends on its tag."""
    kind = _KIND_OF.get(image_name(image), "")
    backing = _BACKINGS.get(kind)
    if backing is None or not _official(image):
        return None
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    if kind == "postgres":
        return Backing(kind, 5432, (_postgres_data(tag),))
    if kind == "mariadb":
        client = "mysqladmin" if _major(tag) and _major(tag) < 11 else "mariadb-admin"
        ask: tuple[str, ...] = ("CMD", client, "ping", "-h", _HERE, "--silent")
        return Backing(kind, backing.port, backing.data, ask)
    if kind == "mongo":
        client = "mongo" if _major(tag) and _major(tag) < 5 else "mongosh"
        ask = ("CMD", client, "--host", _HERE, "--quiet", "--eval", "db.adminCommand('ping')")
        return Backing(kind, backing.port, backing.data, ask)
    return backing


def check_of(
    backing: Backing, image: str, environment: Mapping[str, str], *, more: bool, watched: bool
) -> tuple[str, ...]:
    """Return the health check; none where the image holds no client to ask with.

    ``more`` says that env files may set further variables, ``watched`` that a NATS server serves
    its monitoring port.
    """
    if backing.kind == "postgres":
        if more and "POSTGRES_USER" not in environment:
            user = "${POSTGRES_USER:-postgres}"
            asked = f'pg_isready -h {_HERE} -U "{user}" -d "${{POSTGRES_DB:-{user}}}"'
            return ("CMD-SHELL", asked)
        user = environment.get("POSTGRES_USER") or "postgres"
        database = environment.get("POSTGRES_DB") or user
        return ("CMD", "pg_isready", "-h", _HERE, "-U", user, "-d", database)
    if backing.kind == "nats" and watched and "alpine" in image:
        return ("CMD", "wget", "-q", "--spider", f"http://{_HERE}:8222/healthz")
    return backing.check


def _official(image: str) -> bool:
    """Return whether the image has the official one's folders: Bitnami's are laid out otherwise."""
    return "bitnami" not in image


def _postgres_data(tag: str) -> str:
    number = _postgres_major(tag)
    # From 18 on the volume lies one folder higher; a moving tag is 18 or newer.
    return "/var/lib/postgresql" if not number or number >= 18 else "/var/lib/postgresql/data"


def _postgres_major(tag: str) -> int:
    """Return PostgreSQL's version, which ``pg17`` or ``latest-pg17`` tell as well; 0 if unknown."""
    named = re.search(r"pg(\d+)", tag)
    return int(named[1]) if named else _major(tag)


def _major(tag: str) -> int:
    digits = re.match(r"\d*", tag)
    return int(digits[0] or 0) if digits else 0
