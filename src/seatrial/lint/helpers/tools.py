"""Which programs a public image is known to lack, as far as its variants are certain."""

from __future__ import annotations

from seatrial.composefile.urls import image_name

_CLIENTS = frozenset(("pg_isready", "psql", "mysqladmin", "mariadb-admin", "mongosh"))
_DATABASE_TOOLS = _CLIENTS | {"redis-cli", "valkey-cli", "rabbitmq-diagnostics"}
_FETCHERS = frozenset(("curl", "wget"))
# Debian without what the full variant adds for building; Alpine has BusyBox's wget.
_SLIM = _FETCHERS | _DATABASE_TOOLS | {"nc"}
_ALPINE = frozenset(("curl", "bash")) | _DATABASE_TOOLS
_EVERYTHING = (
    _FETCHERS | _DATABASE_TOOLS | {"sh", "bash", "nc", "ls", "cat", "grep", "test", "true"}
)
_RUNTIMES = ("python", "node", "ruby", "golang", "rust")
# Images whose every variant has no shell and nothing beside the server itself.
_BARE = ("opentelemetry-collector", "opentelemetry-collector-contrib", "scratch")


def lacks(image: str, program: str) -> bool:
    """Return whether ``image`` is known not to hold ``program``; ``sh`` stands for any shell.

    Unknown images lack nothing.
    """
    return program in _lacking(image)


def known(image: str) -> bool:
    """Return whether ``image`` is one of the bases that others are built on, as it was published.

    None of them has a health check.
    """
    bases = (*_RUNTIMES, "alpine", "debian", "ubuntu", "busybox", "scratch", "nginx", "caddy")
    return "distroless/" in image or (_official(image) and image_name(image) in bases)


def _lacking(image: str) -> frozenset[str]:
    name, tag = image_name(image), _tag(image)
    words = set(tag.replace(".", "-").split("-"))
    if "distroless/" in image:
        return frozenset() if words & {"debug"} else _EVERYTHING
    if name in _BARE:
        return _EVERYTHING
    if not _official(image):
        return frozenset()
    if name == "nats":
        return _ALPINE if words & {"alpine", "alpine3"} else _EVERYTHING
    if name == "alpine" or (name in _RUNTIMES and "alpine" in tag):
        return _ALPINE
    if name in ("debian", "ubuntu") or (name in _RUNTIMES and "slim" in words):
        return _SLIM
    if name in ("redis", "valkey", "postgres"):
        own = {"redis": {"redis-cli"}, "valkey": {"valkey-cli", "redis-cli"}}
        kept = own.get(name, {"pg_isready", "psql"})
        # Of what their builds leave behind, only this much is sure.
        return (_DATABASE_TOOLS | {"curl"}) - kept
    return frozenset()


def _tag(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def _official(image: str) -> bool:
    """Return whether the image is of Docker's official ones, or Valkey's own."""
    path = image.partition("@")[0].rpartition("/")[0]
    return path in ("", "library", "docker.io", "docker.io/library", "valkey", "docker.io/valkey")
