"""PostgreSQL for ``postgres`` images (and ``pgvector``, ``postgis`` where the extension is there).

Honours what the official image's entry point does: POSTGRES_USER, _PASSWORD, _DB, _INITDB_ARGS,
_HOST_AUTH_METHOD and their ``_FILE`` forms, server flags in ``command``, and
``/docker-entrypoint-initdb.d`` (https://hub.docker.com/_/postgres).
"""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import ConfigError, RuntimeMissing
from seatrial.events import Notice
from seatrial.runtimes.process.images import ImageRef
from seatrial.runtimes.process.isolation.base import Address
from seatrial.runtimes.process.keys import refusal
from seatrial.runtimes.process.providers.base import Asked, Launch, Place
from seatrial.runtimes.process.providers.pginstall import Install, choose, installs
from seatrial.runtimes.process.unprivileged import give, reachable, server_user

if TYPE_CHECKING:
    from seatrial.runtimes.process.providers.pgcluster import Recipe

_EXTENSIONS = {"pgvector/pgvector": "vector", "ankane/pgvector": "vector"}
_EXTENSIONS |= {"postgis/postgis": "postgis", "timescale/timescaledb": "timescaledb"}
_INIT = "/docker-entrypoint-initdb.d"
# Settings that say where the server lives: ours come last and win.
_PORT_FLAG = re.compile(r"^(?:-p|port=)(\d+)$")
_MEND = "pip install 'seatrial[local]', or install the system's postgresql"


class PostgresProvider:
    """Stands in for PostgreSQL images."""

    name = "postgres"

    def serves(self, image: ImageRef) -> bool:
        """Return whether it is the official image, a mirror of it, or one with an extension."""
        official = image.repository == "postgres" or image.repository.endswith("/library/postgres")
        return official or image.repository in _EXTENSIONS

    def serve(self, asked: Asked) -> PostgresServer:
        """Return the server; see :class:`Provider`."""
        found = installs()
        extension = _EXTENSIONS.get(asked.image.repository)
        if extension:
            found = tuple(i for i in found if i.has_extension(extension))
        service = asked.service
        install = choose(found, asked.image.major)
        where = service.keys.get("image", service.where)
        if install is None and extension:
            raise refusal(
                service,
                f"no PostgreSQL here has the extension {extension} of {asked.image.text}",
                where,
                also=f"install the system's package of {extension}",
            )
        if install is None:
            raise RuntimeMissing(f"no PostgreSQL for {asked.image.text}", where=where, mend=_MEND)
        return PostgresServer(asked, install)


@dataclass(frozen=True, slots=True)
class _Settings:
    superuser: str
    password: str
    database: str
    auth: str
    initdb: tuple[str, ...]


class PostgresServer:
    """One PostgreSQL service."""

    # An immediate shutdown: the data is thrown away, and no client is waited for.
    stop_signal = "SIGQUIT"
    # A fast shutdown: clients are sent away, and a checkpoint is written.
    clean_signal = "SIGINT"

    def __init__(self, asked: Asked, install: Install) -> None:
        self._asked = asked
        self._install = install
        self._flags = _flags(asked)
        self._settings = _settings(asked, install)
        ports = (_PORT_FLAG.match(flag) for flag in self._flags)
        self._port = next((int(found.group(1)) for found in ports if found), 5432)

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the one port."""
        return (self._port,)

    @property
    def command(self) -> str:
        """Return the command without our own settings."""
        return shlex.join(("postgres", *self._flags))

    @property
    def changes(self) -> tuple[str, ...]:
        """Return which PostgreSQL serves the image."""
        origin = "the system's" if self._install.system else "from a wheel"
        near = "" if self._is_asked() else " (the nearest major version here)"
        image, major = self._asked.image.text, self._install.major
        return (f"image: {image} → PostgreSQL {major} {origin}{near}",)

    def _is_asked(self) -> bool:
        return self._asked.image.major in (None, self._install.major)

    def clients(self) -> tuple[Path, ...]:
        """Return the folder of psql and pg_isready."""
        return (self._install.bin,)

    def client_env(self, address: Address, sockets: Path, /) -> Mapping[str, str]:
        """Return where its socket is: in the image, psql needs no host and no password."""
        client = {"PGHOST": str(sockets), "PGPORT": str(address.port(self._port))}
        if self._settings.password:
            client["PGPASSWORD"] = self._settings.password
        return client

    async def launch(self, place: Place) -> Launch:
        """Fill a cluster from its template."""
        # Only a boot needs it, and it brings asyncio.
        from seatrial.runtimes.process.providers.pgcluster import SPEED, TIDY, fill, keep

        if not self._is_asked():
            place.notice(
                Notice.NEAREST_VERSION, self._asked.image.text, f"PostgreSQL {self._install.major}"
            )
        user = server_user()
        for folder in dict.fromkeys((place.data, place.sockets)):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            give(folder, user)
        cluster = place.data / "cluster"
        install = await reachable(_maker_of(cluster) or self._install, user, place)
        await (keep if place.durable else fill)(self._recipe(install, user), place, cluster)
        port = place.address.port(self._port)
        own = {
            "listen_addresses": place.address.host,
            "port": str(port),
            "unix_socket_directories": str(place.sockets),
        }
        settings = [word for name, value in own.items() for word in ("-c", f"{name}={value}")]
        program = str(install.bin / "postgres")
        careful = TIDY if place.durable else SPEED
        return Launch(
            (program, "-D", str(cluster), *careful, *self._flags, *settings),
            place.data,
            {"LANG": "C"},
            user,
            (str(install.bin / "pg_isready"), "-q", "-h", place.address.host, "-p", str(port)),
        )

    def _recipe(self, install: Install, user: int | None) -> Recipe:
        from seatrial.runtimes.process.providers.pgcluster import Recipe

        wanted = self._settings
        names = ("POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD")
        values = (wanted.superuser, wanted.database, wanted.password)
        env = {**self._asked.env, **dict(zip(names, values, strict=True))}
        return Recipe(
            install,
            wanted.superuser,
            wanted.password,
            wanted.database,
            wanted.auth,
            wanted.initdb,
            _scripts(self._asked),
            env,
            user,
        )


def _maker_of(cluster: Path) -> Install | None:
    """Return the programs of the major version that made ``cluster``, where both are there."""
    try:
        major = (cluster / "PG_VERSION").read_text().strip()
    except OSError:
        return None
    return next((install for install in installs() if str(install.major) == major), None)


def _flags(asked: Asked) -> tuple[str, ...]:
    words = list(asked.command)
    if words and posixpath.basename(words[0]) in ("docker-entrypoint.sh", "postgres"):
        words = words[1:]
    if words and words[0] == "postgres":
        words = words[1:]
    if words and not words[0].startswith("-"):
        service = asked.service
        raise refusal(
            service,
            f"its command starts {words[0]}, not postgres",
            service.keys.get("command", service.where),
        )
    return tuple(asked.files.translated(word) for word in words)


def _settings(asked: Asked, install: Install) -> _Settings:
    env = asked.env
    superuser = _value(asked, "POSTGRES_USER") or "postgres"
    password = _value(asked, "POSTGRES_PASSWORD")
    auth = env.get("POSTGRES_HOST_AUTH_METHOD", "")
    if not password and auth != "trust":
        service = asked.service
        raise ConfigError(
            f"service {service.name}: PostgreSQL has no password",
            where=service.keys.get("environment", service.where),
            mend="set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust",
        )
    first_scram = 14  # https://hub.docker.com/_/postgres, POSTGRES_HOST_AUTH_METHOD
    return _Settings(
        superuser,
        password,
        _value(asked, "POSTGRES_DB") or superuser,
        auth or ("scram-sha-256" if install.major >= first_scram else "md5"),
        tuple(shlex.split(_value(asked, "POSTGRES_INITDB_ARGS"))),
    )


def _value(asked: Asked, name: str) -> str:
    """Return a setting, read from the file that ``NAME_FILE`` names where it is given so."""
    path = asked.env.get(f"{name}_FILE")
    if not path:
        return asked.env.get(name, "")
    host = asked.files.host(path)
    if host is None or not host.is_file():
        service = asked.service
        raise ConfigError(
            f"service {service.name}: {name}_FILE names {path}, which nothing puts there",
            where=service.keys.get("environment", service.where),
            mend="grant the service a secret of that name",
        )
    return host.read_text().rstrip("\n")


def _scripts(asked: Asked) -> tuple[Path, ...]:
    """Return the init scripts in the order of their names, as the entry point's glob gives them."""
    found: dict[str, Path] = {}
    for entry in asked.files.entries:
        if entry.path == _INIT and entry.host.is_dir():
            found |= {path.name: path for path in entry.host.iterdir() if path.is_file()}
        elif posixpath.dirname(entry.path) == _INIT:
            found[posixpath.basename(entry.path)] = entry.host
    return tuple(found[name] for name in sorted(found, key=os.fsencode))
