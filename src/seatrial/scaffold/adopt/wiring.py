"""What tests on the host need of their container's environment: addresses, and plain values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from seatrial.composefile.model import ComposeService
from seatrial.discover.look import walk
from seatrial.scaffold.adopt.selection import Selection
from seatrial.scaffold.adopt.stack import Stack
from seatrial.scaffold.adopt.variables import plain

_HOST = re.compile(r"(HOST|HOSTNAME|SERVER|ADDR|ADDRESS)$")
_PORT = re.compile(r"_?PORT$")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What says how a container runs, and nothing to tests beside it.
_CONTAINERS_OWN = frozenset(
    (
        *("PATH", "HOME", "PORT", "HOST", "HOSTNAME", "PWD", "TZ", "PYTHONPATH"),
        *("PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "NODE_ENV", "CHOKIDAR_USEPOLLING"),
        *("WATCHPACK_POLLING", "CI"),
    )
)
# PostgreSQL's own clients read these, whatever the code says.
_DRIVERS_READ = ("PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE")
_SOURCES = (".py", ".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".go", ".toml", ".ini", ".cfg")
_MOST_FILES = 3000


def addresses(environment: Mapping[str, str], stack: Stack, selection: Selection) -> dict[str, str]:
    """Return the variables that hold an address of a service, with placeholders for it."""
    ports = {
        name: port for name in selection.names if (port := _first_port(stack, selection, name))
    }
    found: dict[str, str] = {}
    hosts: dict[str, str] = {}
    for name, value in environment.items():
        for service, port in ports.items():
            changed = _in_url(value, service, port)
            if changed == value and value == service and _HOST.search(name.upper()):
                changed = f"{{{service}.host}}"
                hosts[_HOST.sub("", name)] = service
            if changed != value:
                found[name] = value = changed
    for name, value in environment.items():
        service_ = hosts.get(_PORT.sub("_", name)) or hosts.get(_PORT.sub("", name))
        if service_ and _PORT.search(name) and value == str(ports[service_]):
            found[name] = f"{{{service_}.port}}"
    for prefix, service in hosts.items():
        given = [n for n in environment if _PORT.search(n) and _PORT.sub("_", n) == prefix]
        if not given:
            # Where the port is left to the default, tests need the one that was given.
            found[f"{prefix}PORT"] = f"{{{service}.port}}"
        elif given[0] not in found:
            # Another port than the first has no placeholder: half an address helps nobody.
            found = {n: v for n, v in found.items() if _HOST.sub("", n) != prefix}
    return found


def _in_url(value: str, service: str, port: int) -> str:
    pattern = rf"(?P<before>//|@|^|,)(?:{re.escape(service)})(?P<port>:{port})?(?=[/,?]|$)"

    def one(match: re.Match[str]) -> str:
        if not match["port"] and match["before"] not in ("//", "@"):
            return match[0]
        return f"{match['before']}{{{service}.host}}:{{{service}.port}}"

    return re.sub(pattern, one, value)


def _first_port(stack: Stack, selection: Selection, name: str) -> int:
    service = stack.services[name]
    backing = selection.backings.get(name)
    if backing is not None:
        return backing.port
    return next((port.target for port in service.ports if port.protocol == "tcp"), 0)


def plain_values(
    environment: Mapping[str, str], taken: Collection[str], mentioned: Collection[str]
) -> dict[str, str]:
    """Return the variables that the service's code names and that hold no address."""
    return {
        name: value
        for name, value in environment.items()
        if (name in mentioned or name in _DRIVERS_READ)
        and name not in taken
        and name not in _CONTAINERS_OWN
    }


def reachable(environment: Mapping[str, str], services: Collection[str]) -> dict[str, str]:
    """Return the variables without what only a container has: others' names, mounted secrets."""
    return {
        name: value
        for name, value in environment.items()
        if not (value in services and _HOST.search(name.upper()))
        and not (":" in value and value.partition(":")[0] in services)
        # A secret that is a file is one in the container alone.
        and not value.startswith("/run/secrets/")
    }


def environment_of(service: ComposeService, more: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return a container's variables as plain text; ``more`` are env files below them."""
    found: dict[str, str] = {}
    for values in more:
        found |= values
    for name, value in service.environment.items():
        if value is not None and plain(value) == value:
            found[name] = value
    return {name: value for name, value in found.items() if _VARIABLE.fullmatch(name)}


def mentioned(folder: Path, names: Iterable[str]) -> set[str]:
    """Return those of ``names`` that a source file below ``folder`` holds as a word."""
    left = {name for name in names if _VARIABLE.fullmatch(name)}
    found: set[str] = set()
    for number, file in enumerate(walk(folder)):
        if not left or number > _MOST_FILES:
            break
        if file.suffix in _SOURCES and file.stat().st_size < 500_000:
            # Settings classes name their fields in small letters.
            words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", file.read_text(errors="replace")))
            here = {name for name in left if name in words or name.lower() in words}
            found |= here
            left -= here
    return found
