"""What a service's image is: which server, with which data, and whether it checks its health."""

from __future__ import annotations

from seatrial.composefile.backing import Backing, backing_of
from seatrial.composefile.urls import image_name
from seatrial.lint.documents import ComposeService
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
