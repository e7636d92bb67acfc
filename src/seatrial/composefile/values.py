"""The little languages inside compose values: durations, command lines, ports, volumes."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from itertools import zip_longest

from seatrial.errors import ConfigError, Where

_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d|w)")
_UNITS = {
    **{"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0},
    **{"m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0},
}
_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[^\]]*\]|[^:\[\]]*):)?(?P<host>[^:]*):)?(?P<target>[^:/]+)(?:/(?P<proto>\w+))?"
)
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_HIGHEST_PORT = 65535


def seconds(text: str, where: Where, path: str) -> float:
    """Return a duration such as ``1m30s`` in seconds; raises ``ConfigError``."""
    parts = _DURATION.findall(text)
    if text == "0":
        return 0.0
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ConfigError(
            f"{path}: {text!r} is not a duration",
            where=where,
            mend="write a number with its unit, such as 500ms, 5s or 1m30s",
        )
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def split_command(text: str, where: Where, path: str) -> tuple[str, ...]:
    """Return the words of a command line, split as Compose splits them (Go's shellwords).

    No shell is involved: an unquoted ``;``, ``|``, ``&``, ``<`` or ``>`` ends the command, what
    follows is dropped; that is Compose's own doing.
    """
    words: list[str] = []
    word: str | None = None
    quote = ""
    escaped = False
    for character in text:
        if escaped:
            word = (word or "") + character
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            if character == quote:
                # Backticks and $( ) are kept with what they hold.
                word = (word or "") + (character if quote in "`)" else "")
                quote = ""
            else:
                word = (word or "") + character
        elif character in " \t\r\n":
            if word is not None:
                words.append(word)
            word = None
        elif character in "'\"":
            quote, word = character, word or ""
        elif character in ";&|<>":
            # ``2>`` names a file descriptor, not a word.
            if character == ">" and word and word[0].isdigit():
                word = None
            break
        else:
            word, quote = _bare(word or "", character, where, path)
    if quote or escaped:
        raise _bad_command(where, path)
    return (*words, word) if word is not None else tuple(words)


def _bare(word: str, character: str, where: Where, path: str) -> tuple[str, str]:
    opens_substitution = character == "(" and word.endswith("$")
    if character in "()" and not opens_substitution:
        raise _bad_command(where, path)
    return word + character, {"`": "`", "(": ")"}.get(character, "")


def _bad_command(where: Where, path: str) -> ConfigError:
    return ConfigError(
        f"{path}: a quote or bracket does not match",
        where=where,
        mend='write the command as a list: ["program", "argument"]',
    )


@dataclass(frozen=True, slots=True)
class PortSpec:
    """One port of a short ``ports:`` entry."""

    target: int
    published: str | None
    host_ip: str | None
    protocol: str


def parse_ports(text: str, where: Where) -> list[PortSpec]:
    """Return what ``[[ip:]host:]container[/protocol]`` publishes; ranges give several.

    A range of host ports for one container port stays a range (the engine picks one).
    """
    match = _PORT.fullmatch(text)
    if match is None:
        raise _bad_port(text, where)
    targets = _ports(match["target"], text, where)
    host = match["host"] or ""
    hosts = _ports(host, text, where) if host else []
    published: list[str | None] = [str(port) for port in hosts]
    if len(targets) == 1 and len(hosts) > 1:
        published = [host]
    elif hosts and len(hosts) != len(targets):
        raise _bad_port(text, where)
    ip = (match["ip"] or "").strip("[]") or None
    if ip is not None:
        check_address(ip, where)
    protocol = (match["proto"] or "tcp").lower()
    if protocol not in ("tcp", "udp", "sctp"):
        raise _bad_port(text, where)
    return [
        PortSpec(target or 0, port, ip, protocol)
        for target, port in zip_longest(targets, published)
    ]


def check_address(text: str, where: Where) -> None:
    """Raise ``ConfigError`` where ``text`` is no IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ConfigError(
            f"{text!r} is not an IP address", where=where, mend="write one, such as 127.0.0.1"
        ) from None


def _ports(text: str, whole: str, where: Where) -> list[int]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise _bad_port(whole, where)
    first, last = int(match[1]), int(match[2] or match[1])
    if not first <= last <= _HIGHEST_PORT:
        raise _bad_port(whole, where)
    return list(range(first, last + 1))


def _bad_port(text: str, where: Where) -> ConfigError:
    return ConfigError(
        f"{text!r} is not a port mapping",
        where=where,
        mend='write "container", "host:container" or "ip:host:container", quoted',
    )


@dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A short ``volumes:`` entry; ``source`` is ``None`` for an anonymous volume."""

    kind: str
    source: str | None
    target: str
    read_only: bool


def parse_volume(text: str, where: Where) -> VolumeSpec:
    """Return what ``[source:]target[:options]`` mounts; raises ``ConfigError``."""
    parts = text.split(":")
    if len(parts) > 3 or not all(parts):
        raise ConfigError(
            f"{text!r} is not a volume mount",
            where=where,
            mend="write source:target or source:target:ro",
        )
    source, target = (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])
    options = parts[2].split(",") if len(parts) == 3 else []
    kind = "bind" if source is not None and source[0] in "./~" else "volume"
    return VolumeSpec(kind, source, target, "ro" in options)
