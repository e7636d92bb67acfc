"""Whether a container's main process is known to run as root."""

from __future__ import annotations

import re

from seatrial.composefile.urls import image_name
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.images import image_of
from seatrial.lint.helpers.stages import Chain, chain_of

# Images that neither have a USER nor step down by themselves, as database images do.
_ROOT = (
    *(
        "alpine",
        "busybox",
        "caddy",
        "debian",
        "eclipse-temurin",
        "golang",
        "httpd",
        "nats",
        "nginx",
    ),
    *("node", "openjdk", "php", "python", "ruby", "rust", "scratch", "traefik", "ubuntu"),
)
_STEPS_DOWN = re.compile(r"\b(?:gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst)\b")
_OFFICIAL = ("", "library", "docker.io", "docker.io/library")
_ROOT_USER = re.compile(r"(?:root|0)(?::.*)?")


def is_root(user: str) -> bool:
    """Return whether ``user:`` or ``USER`` means root."""
    return _ROOT_USER.fullmatch(user.strip()) is not None


def known_root(document: ComposeDocument, service: ComposeService) -> bool:
    """Return whether a service that has no ``user:`` is known to run as root."""
    if service.get("build") is None:
        return _image_is_root(image_of(service))
    found = chain_of(document, service)
    return found is not None and chain_is_root(found)


def _image_is_root(image: str) -> bool:
    path, _, _ = image.partition("@")[0].rpartition("/")
    return path in _OFFICIAL and image_name(image) in _ROOT


def chain_is_root(found: Chain) -> bool:
    """Return whether what a Dockerfile makes is known to run as root."""
    user = found.last("USER")
    if user is not None:
        return is_root(user.value)
    steps_down = any(_STEPS_DOWN.search(step.value) for step in found.steps)
    # An entry script may do anything.
    entry = found.last("ENTRYPOINT")
    scripted = entry is not None and ".sh" in entry.value
    return _image_is_root(found.base) and not steps_down and not scripted
