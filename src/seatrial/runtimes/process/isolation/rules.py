"""The rules by which references to services are translated; pure, each with its cause.

Translated are: the host of a URL, ``name:port``, ``name port`` and ``-h name`` in commands, the
whole value of a variable whose name says host or address (and the port beside it), ``0.0.0.0``
anywhere a service binds, ``localhost`` in commands and health checks. Never touched: user names,
passwords and database names that happen to equal a service's name, and ``localhost`` inside a
variable's longer value (``CORS_ORIGINS=http://localhost:3000`` is the browser's, not ours).
A change names the variable and the two addresses, never the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from seatrial.runtimes.process.isolation.base import Address, Dressed

_URL = re.compile(r"([A-Za-z][\w+.-]*)://([^/?#\s'\"<>|;()]*)")
_BIND = re.compile(r"(?<![\w.])(?:0\.0\.0\.0|\[::\])(?::(\d+))?(?![\w.])")
# gunicorn -b :8000, LISTEN=:8080, and Django's runserver 0:8000.
_BARE = re.compile(r"(?:^|(?<=[\s=]))0?:(\d{2,5}|\$\{?\w+\}?)(?!\S)")
_LOCAL = re.compile(r"(?<![\w.-])(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d+))?(?![\w.-])")
_PORT_OPTION = re.compile(r"(?<!\S)(--?[\w-]*port|-p)([ =])(\d+)(?!\S)")
_HOST_NAME = re.compile(r"HOST|ADDR|SERVER")
_BIND_NAME = re.compile(r"HOST|ADDR|BIND|LISTEN|INTERFACE|(^|_)IP$")
_NOT_BIND = re.compile(r"ALLOW|CORS|ORIGIN|NO_PROXY|TRUST", re.IGNORECASE)
_SELF = ("0.0.0.0", "::", "[::]", "localhost", "127.0.0.1")
_FIRST_UNPRIVILEGED = 1024
_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "amqp": 5672,
    "smtp": 25,
    "nats": 4222,
}


class Rules:
    """The rules for one service: its own address, and every name that means a service."""

    def __init__(self, own: Address, siblings: Mapping[str, Address]) -> None:
        self._own = own
        self._siblings = siblings
        names = "|".join(re.escape(n) for n in sorted(siblings, key=len, reverse=True)) or r"(?!)"
        self._pair = re.compile(rf"(?<![\w./:-])({names}):(\d{{1,5}})(?![\w.:@-])")
        self._spaced = re.compile(rf"(?<![\w./:@=-])({names})(\s+)(\d{{2,5}})(?!\S)")
        self._option = re.compile(
            rf"(?<!\S)(-h|-H|--?[\w-]*host(?:name)?|--server)([ =])({names})(?![\w.-])"
        )

    def dress(self, argv: Sequence[str], probe: Sequence[str], env: Mapping[str, str]) -> Dressed:
        """Return all of a service's words and variables translated."""
        changes: list[str] = []
        spoken: set[int] = set()
        variables = {name: self._variable(name, env, changes, spoken) for name in env}
        command = self._command(argv, "command", changes, spoken)
        check = self._command(probe, "health check", changes, set())
        unmoved = tuple(port for port in self._own.moved if port not in spoken)
        return Dressed(command, check, variables, tuple(dict.fromkeys(changes)), unmoved)

    def _variable(
        self, name: str, env: Mapping[str, str], changes: list[str], spoken: set[int]
    ) -> str:
        value = env[name]
        upper = name.upper()
        if value in self._siblings and _HOST_NAME.search(upper):
            host = self._siblings[value].host
            changes.append(f"{name}: {value} → {host} (the whole value of a host's name)")
            return host
        if value in _SELF and _BIND_NAME.search(upper) and not _NOT_BIND.search(upper):
            changes.append(f"{name}: {value} → {self._own.host} (its own address)")
            return self._own.host
        if value.isdigit() and "PORT" in upper:
            return self._port(name, int(value), env, changes, spoken)
        value = self._references(value, name, changes)
        if not _NOT_BIND.search(upper):
            value = self._local(_BIND, value, name, changes, spoken)
            value = self._bare(value, name, changes, spoken)
        return value

    def _port(
        self, name: str, port: int, env: Mapping[str, str], changes: list[str], spoken: set[int]
    ) -> str:
        beside = self._beside(name, env)
        address = beside or self._own
        used = address.port(port)
        if beside is None and port in self._own.ports:
            spoken.add(port)
        if used != port:
            changes.append(f"{name}: {port} → {used} (the port moved)")
        return str(used)

    def _beside(self, name: str, env: Mapping[str, str]) -> Address | None:
        """Return the sibling that the variable beside ``name`` (DB_PORT: DB_HOST) means."""
        for other, value in env.items():
            if value in self._siblings and _HOST_NAME.search(other.upper()):
                stem = re.sub(r"HOST(NAME)?|ADDR(ESS)?|SERVER", "PORT", other.upper(), count=1)
                if stem == name.upper():
                    return self._siblings[value]
        return None

    def _command(
        self, words: Sequence[str], subject: str, changes: list[str], spoken: set[int]
    ) -> tuple[str, ...]:
        spaced = [self._line(word, subject, changes, spoken) for word in words]
        return tuple(self._pairs(spaced, subject, changes, spoken))

    def _line(self, text: str, subject: str, changes: list[str], spoken: set[int]) -> str:
        # First: a sibling's address may be 127.0.0.1 itself, once it stands there.
        text = self._local(_LOCAL, text, subject, changes, spoken)
        text = self._references(text, subject, changes)
        text = self._options(text, subject, changes)
        text = self._ports(text, subject, changes, spoken)
        text = self._local(_BIND, text, subject, changes, spoken)
        return self._bare(text, subject, changes, spoken)

    def _pairs(
        self, words: list[str], subject: str, changes: list[str], spoken: set[int]
    ) -> list[str]:
        """Translate ``-h``, ``name`` and ``--port``, ``8000`` that stand in words of their own."""
        out = list(words)
        for i in range(len(out) - 1):
            pair = f"{out[i]} {out[i + 1]}"
            if " " in out[i] or " " in out[i + 1]:
                continue
            new = self._options(pair, subject, changes)
            new = self._ports(new, subject, changes, spoken)
            if new != pair:
                out[i], _, out[i + 1] = new.partition(" ")
        if out and out[-1] == "::":
            out[-1] = self._own.host
        return out

    def _references(self, text: str, subject: str, changes: list[str]) -> str:
        def url(found: re.Match[str]) -> str:
            scheme, authority = found.group(1), found.group(2)
            user, at, hosts = authority.rpartition("@")
            default = _DEFAULT_PORTS.get(scheme.lower().partition("+")[0])
            new = ",".join(self._host(h, default, subject, changes) for h in hosts.split(","))
            return f"{scheme}://{user}{at}{new}"

        def pair(found: re.Match[str]) -> str:
            name, port = found.group(1), int(found.group(2))
            address = self._siblings[name]
            if port not in address.ports and port < _FIRST_UNPRIVILEGED:
                return found.group(0)
            return self._moved(name, port, address, subject, changes, "host:port")

        return self._pair.sub(pair, _URL.sub(url, text))

    def _host(self, text: str, default: int | None, subject: str, changes: list[str]) -> str:
        name, colon, number = text.partition(":")
        address = self._siblings.get(name)
        if address is None or (colon and not number.isdigit()):
            return text
        if colon:
            return self._moved(name, int(number), address, subject, changes, "host of a URL")
        used = address.port(default) if default else default
        new = f"{address.host}:{used}" if used != default else address.host
        changes.append(f"{subject}: {name} → {new} (host of a URL)")
        return new

    @staticmethod
    def _moved(
        name: str, port: int, address: Address, subject: str, changes: list[str], rule: str
    ) -> str:
        new = f"{address.host}:{address.port(port)}"
        changes.append(f"{subject}: {name}:{port} → {new} ({rule})")
        return new

    def _options(self, text: str, subject: str, changes: list[str]) -> str:
        def option(found: re.Match[str]) -> str:
            flag, gap, name = found.groups()
            host = self._siblings[name].host
            changes.append(f"{subject}: {flag} {name} → {host} (a host's option)")
            return f"{flag}{gap}{host}"

        def spaced(found: re.Match[str]) -> str:
            name, gap, port = found.group(1), found.group(2), int(found.group(3))
            address = self._siblings[name]
            if port not in address.ports:
                return found.group(0)
            changes.append(f"{subject}: {name} {port} → {address.host} (host and port)")
            return f"{address.host}{gap}{address.port(port)}"

        return self._spaced.sub(spaced, self._option.sub(option, text))

    def _ports(self, text: str, subject: str, changes: list[str], spoken: set[int]) -> str:
        def option(found: re.Match[str]) -> str:
            flag, gap, port = found.group(1), found.group(2), int(found.group(3))
            if port not in self._own.ports:
                return found.group(0)
            spoken.add(port)
            if (used := self._own.port(port)) != port:
                changes.append(f"{subject}: {flag} {port} → {used} (the port moved)")
            return f"{flag}{gap}{used}"

        return _PORT_OPTION.sub(option, text)

    def _bare(self, text: str, subject: str, changes: list[str], spoken: set[int]) -> str:
        def own(found: re.Match[str]) -> str:
            port = found.group(1)
            if port.isdigit():
                spoken.add(int(port))
                port = str(self._own.port(int(port)))
            changes.append(
                f"{subject}: {found.group(0)} → {self._own.host}:{port} (its own address)"
            )
            return f"{self._own.host}:{port}"

        return _BARE.sub(own, text)

    def _local(
        self,
        pattern: re.Pattern[str],
        text: str,
        subject: str,
        changes: list[str],
        spoken: set[int],
    ) -> str:
        def own(found: re.Match[str]) -> str:
            port = int(found.group(1)) if found.group(1) else None
            foreign = self._own.ports and port is not None and port not in self._own.ports
            if pattern is _LOCAL and foreign and subject == "command":
                return found.group(0)
            if port is None:
                new = self._own.host
            else:
                spoken.add(port)
                new = f"{self._own.host}:{self._own.port(port)}"
            if new != found.group(0):
                changes.append(f"{subject}: {found.group(0)} → {new} (its own address)")
            return new

        return pattern.sub(own, text)
