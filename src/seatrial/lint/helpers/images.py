"""What a service's image is: which server, with which data, and whether it checks its health."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.composefile.backing import Backing, backing_of
from seatrial.composefile.tree import MapNode
from seatrial.composefile.urls import image_name
from seatrial.lint.documents import ComposeService, words
from seatrial.lint.helpers.layers import extends, items
from seatrial.lint.helpers.mounts import mounts_of, tmpfs_of
from seatrial.lint.helpers.variables import value_of

# Those whose data somebody would miss: caches and brokers may lose theirs.
_DATABASES = ("postgres", "mysql", "mariadb", "mongo", "clickhouse")
# Images with a HEALTHCHECK of their own, by the last word of their name.
_CHECKED = (
    *("cadvisor", "clamav", "filebrowser", "immich-machine-learning", "immich-server", "jellyfin"),
    *("mailpit", "mysql-server", "netdata", "pihole", "uptime-kuma", "vaultwarden"),
)


def image_of(service: ComposeService) -> str:
    """Return the image that ``service`` runs, variables' defaults filled in; empty for none."""
    return value_of(service.get("image"))


def server_of(service: ComposeService) -> Backing | None:
    """Return which known server a service is; ``None`` where nobody knows.

    A service that is built is its own image, whatever it is called.
    """
    return None if service.get("build") is not None else backing_of(image_of(service))


def is_database(server: Backing) -> bool:
    """Return whether a server keeps what somebody would miss."""
    return server.kind in _DATABASES


def brings_check(image: str) -> bool:
    """Return whether an image is known to have a HEALTHCHECK of its own."""
    return image_name(image) in _CHECKED


@dataclass(frozen=True, slots=True)
class DataPlace:
    """Where a database keeps its data; ``kept`` says whether something is mounted there."""

    folder: str
    kept: bool


def data_place(service: ComposeService) -> DataPlace | None:
    """Return where the data of a service lies; ``None`` where it is no known database."""
    server = server_of(service)
    if server is None or not is_database(server) or not server.data or extends(service):
        return None
    folder = server.data[0]
    if any(items(service, "volumes_from")) or _moved(service):
        return None
    named = (mount for mount in mounts_of(service) if mount.source or mount.kind != "volume")
    mounted = {mount.target for mount in named} | tmpfs_of(service)
    kept = any(f"{folder}/".startswith(f"{at.rstrip('/')}/") for at in mounted)
    return DataPlace(folder, kept or any(at.startswith(f"{folder}/") for at in mounted))


def _moved(service: ComposeService) -> bool:
    """Return whether the service may keep its data in another folder."""
    told = service.get("environment")
    if isinstance(told, MapNode):
        names = set(told.items)
    else:
        names = {item.text.partition("=")[0] for item in words(told)}
    said = " ".join(value_of(word) for word in words(service.get("command")))
    return "PGDATA" in names or "datadir" in said or "dbpath" in said
