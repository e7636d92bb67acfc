"""A compose project as both runtimes read it: typed, merged, interpolated, with positions.

Durations are seconds, paths absolute, sizes bytes. What a file does not say is ``None`` or empty;
defaults that Compose itself would apply are properties with the source named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.errors import Where


@dataclass(frozen=True, slots=True)
class Build:
    """``build:`` of a service. ``dockerfile`` is absolute; ``inline`` replaces it.

    ``remote`` is a context that is no folder (a URL, a git repository); ``context`` means nothing
    then.
    """

    context: Path
    dockerfile: Path
    where: Where
    remote: str | None = None
    inline: str | None = None
    target: str | None = None
    args: Mapping[str, str | None] = field(default_factory=dict)
    other_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """An entry of ``ports:``; ``published`` is ``None`` where the host port is left to chance."""

    target: int
    where: Where
    published: str | None = None
    host_ip: str | None = None
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Dependency:
    """An entry of ``depends_on``; ``condition`` is one of Compose's three words."""

    service: str
    condition: str = "service_started"
    required: bool = True
    restart: bool = False


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """``healthcheck:``; ``test`` is ``()`` where only timings are given (the image has the test).

    ``test`` keeps Compose's form: the first word is ``CMD``, ``CMD-SHELL`` or ``NONE``; a string
    became ``("CMD-SHELL", text)``.
    """

    where: Where
    test: tuple[str, ...] = ()
    disable: bool = False
    interval: float | None = None
    timeout: float | None = None
    retries: int | None = None
    start_period: float | None = None
    start_interval: float | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """An entry of ``volumes:`` (``kind`` bind, volume, tmpfs, …); a bind's source is absolute."""

    kind: str
    target: str
    where: Where
    source: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class FileGrant:
    """A service's use of a secret or config; ``target`` is the path or name that it asks for."""

    source: str
    where: Where
    target: str | None = None


@dataclass(frozen=True, slots=True)
class ComposeService:
    """One service. ``keys`` maps every key that any file gave it to where it stands."""

    name: str
    where: Where
    keys: Mapping[str, Where]
    image: str | None = None
    build: Build | None = None
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str | None] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    expose: tuple[int, ...] = ()
    depends_on: Mapping[str, Dependency] = field(default_factory=dict)
    healthcheck: Healthcheck | None = None
    volumes: tuple[Mount, ...] = ()
    tmpfs: tuple[str, ...] = ()
    secrets: tuple[FileGrant, ...] = ()
    configs: tuple[FileGrant, ...] = ()
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    network_mode: str | None = None
    privileged: bool = False
    profiles: tuple[str, ...] = ()
    working_dir: str | None = None
    user: str | None = None
    hostname: str | None = None
    container_name: str | None = None
    restart: str | None = None
    init: bool | None = None
    stop_signal: str | None = None
    stop_grace_period: float | None = None
    replicas: int = 1
    labels: Mapping[str, str] = field(default_factory=dict)
    extra_hosts: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """A top-level network, volume, secret or config."""

    key: str
    where: Where
    name: str | None = None
    external: bool = False
    file: Path | None = None
    environment: str | None = None
    content: str | None = None


@dataclass(frozen=True, slots=True)
class ComposeProject:
    """All files of one environment, merged. ``folder`` is the first file's; ``name`` its ``name:``.

    ``unset`` lists variables that were used without a value or default, with where (Compose warns
    and takes an empty string).
    """

    files: tuple[Path, ...]
    folder: Path
    services: Mapping[str, ComposeService]
    name: str | None = None
    networks: Mapping[str, Resource] = field(default_factory=dict)
    volumes: Mapping[str, Resource] = field(default_factory=dict)
    secrets: Mapping[str, Resource] = field(default_factory=dict)
    configs: Mapping[str, Resource] = field(default_factory=dict)
    unset: tuple[tuple[str, Where], ...] = ()
