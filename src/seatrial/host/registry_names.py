"""What the name of an image or a registry says: whose it is, and how it is reached."""

from __future__ import annotations

import ipaddress
import json
import re
import subprocess
from collections.abc import Mapping
from urllib.parse import urlsplit

HUB = "docker.io"
_FIRST = re.compile(r"localhost|.*[.:].*")
# Seconds for the engine's answer.
_SECONDS = 30.0


def split_repository(name: str) -> tuple[str, str]:
    """Return host and path of an image's name without its tag, as docker reads it. Pure."""
    first, slash, rest = name.partition("/")
    if slash and _FIRST.fullmatch(first):
        return (HUB, rest) if first in (HUB, "index.docker.io") else (first, rest)
    return HUB, name if slash else f"library/{name}"


def is_loopback(host: str) -> bool:
    """Return whether ``host`` (with or without a port) is this machine. Pure."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_plain(host: str, environment: Mapping[str, str]) -> bool:
    """Return whether ``host`` is reached without TLS: one of this machine, or one of which the
    engine was told so.
    """
    if is_loopback(host) or host == HUB:
        return host != HUB
    words = ["docker", "info", "--format", "{{json .RegistryConfig.IndexConfigs}}"]
    try:
        said = subprocess.run(
            words, env=dict(environment), capture_output=True, timeout=_SECONDS, check=False
        )
        found = json.loads(said.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    entry = found.get(host) if isinstance(found, dict) else None
    return isinstance(entry, dict) and entry.get("Secure") is False
