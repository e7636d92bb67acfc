"""What the name of an image or a registry says: whose it is, and how it is reached."""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import subprocess
from collections.abc import Iterable, Mapping
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


def is_insecure(host: str, environment: Mapping[str, str]) -> bool:
    """Return whether nobody vouches for ``host``: it may be without TLS, or have a certificate that
    is not looked at. That is so for one of this machine, and for one of which the engine was told,
    by its name or by the network that it lies in.
    """
    if is_loopback(host) or host == HUB:
        return host != HUB
    words = ["docker", "info", "--format", "{{json .RegistryConfig}}"]
    try:
        said = subprocess.run(
            words, env=dict(environment), capture_output=True, timeout=_SECONDS, check=False
        )
        found = json.loads(said.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
    if not isinstance(found, dict):
        return False
    entry = (found.get("IndexConfigs") or {}).get(host)
    if isinstance(entry, dict):
        return entry.get("Secure") is False
    return _is_in(host, found.get("InsecureRegistryCIDRs") or ())


def _is_in(host: str, networks: Iterable[object]) -> bool:
    """Return whether an address of ``host`` is in one of ``networks``."""
    try:
        known = [ipaddress.ip_network(str(one), strict=False) for one in networks]
        name = urlsplit(f"//{host}").hostname or ""
        found = {one[4][0] for one in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)}
        addresses = [ipaddress.ip_address(str(one)) for one in found]
    except (OSError, ValueError):
        return False
    return any(address in network for address in addresses for network in known)
