"""The kinds of service that can be made, one entry each; a folder of templates has the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PYTHON = "3.13"
NODE = "24"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of service.

    ``backings`` are what it can stand on, the default first; none where it stands alone. ``port``
    is the one that its container serves HTTP on, ``None`` where it serves nothing; ``host_port`` is
    where development counts from. ``calls`` says that it is a client of another service's API,
    ``python`` that its name becomes a Python module.
    """

    name: str
    summary: str
    backings: tuple[str, ...] = ()
    port: int | None = None
    host_port: int = 8000
    calls: bool = False
    python: bool = False

    @property
    def is_api(self) -> bool:
        """Return whether clients call it."""
        return self.port is not None and not self.calls


@dataclass(frozen=True, slots=True)
class Backing:
    """A backing service: ``image`` as the compose files name it, ``port`` in its container.

    ``shared`` says that one serves the whole repository; else each service gets one of its own,
    called ``<service>-<role>``.
    """

    name: str
    summary: str
    image: str
    port: int
    role: str
    shared: bool


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "fastapi", "an HTTP API in Python, on PostgreSQL", ("postgres",), port=8000, python=True
        ),
        Kind(
            "worker",
            "a Python program that works off a queue",
            ("valkey", "redis", "nats"),
            python=True,
        ),
        Kind("frontend", "a page in React, built by Vite", port=3000, host_port=3000, calls=True),
        Kind("node-api", "an HTTP API in TypeScript", port=8000),
        Kind("python-lib", "a Python package that other services use; no container", python=True),
    )
}

BACKINGS: Mapping[str, Backing] = {
    backing.name: backing
    for backing in (
        Backing("postgres", "PostgreSQL", "postgres:18", 5432, "database", shared=False),
        Backing("valkey", "Valkey", "valkey/valkey:8", 6379, "valkey", shared=True),
        Backing("redis", "Redis", "redis:7", 6379, "redis", shared=True),
        Backing("nats", "NATS with JetStream", "nats:2-alpine", 4222, "nats", shared=True),
    )
}
