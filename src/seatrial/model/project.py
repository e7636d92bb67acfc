"""A repository as seatrial understands it: services and the suites that test them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path


class Stage(StrEnum):
    """The three stages, in the order in which they run."""

    UNIT = "unit"
    SERVICE = "service"
    INTEGRATION = "integration"


STAGES = tuple(Stage)


class ServiceKind(StrEnum):
    """What a service's folder says it is written in; ``DOCKER`` knows only its Dockerfile."""

    PYTHON = "python"
    NODE = "node"
    GO = "go"
    RUST = "rust"
    DOCKER = "docker"


@dataclass(frozen=True, slots=True)
class Service:
    """A folder of ``services/`` (or one that ``seatrial.toml`` names)."""

    name: str
    path: Path
    kind: ServiceKind


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the test files of a suite, by their paths from its folder: one of ``of`` pieces.

    All files are those that are known when the suite is cut. What only its runner finds belongs to
    the one piece with the ``rest``, which has all but the files of the ``others``.
    """

    number: int
    of: int
    files: tuple[str, ...]
    others: tuple[str, ...] = ()
    rest: bool = False

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True)
class Suite:
    """Tests of one stage that one command runs.

    ``folder`` is where the command runs (absolute), ``targets`` are paths relative to it.
    ``compose`` lists the files of the environment it needs; none means no containers.
    ``command`` replaces the runner's own command line. ``setup`` commands run in the fresh
    environment before the tests. ``exports`` adds names to the environment of the tests; its
    values may hold ``{service.host}``, ``{service.port}`` and ``{service.url}``. ``timeout`` is in
    seconds, ``None`` means the run's own deadline. ``cause`` says why the suite exists. ``piece``
    is what a shard has of it, ``None`` means all. ``parallel`` is what the user's file says of
    workers, ``None`` that it says nothing; ``workers`` is how many the runner is to start, 0 for
    none.
    """

    stage: Stage
    name: str
    folder: Path
    runner: str
    cause: str
    service: str | None = None
    targets: tuple[str, ...] = ()
    compose: tuple[Path, ...] = ()
    command: tuple[str, ...] | None = None
    setup: tuple[tuple[str, ...], ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)
    integration_option: bool = False
    timeout: float | None = None
    boot_timeout: float | None = None
    piece: Piece | None = None
    parallel: bool | None = None
    workers: int = 0

    @cached_property
    def id(self) -> str:
        """Return ``stage:name``, unique in a project."""
        return f"{self.stage}:{self.name}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A suite that exists and cannot run on this machine, with the program that it lacks."""

    suite: Suite
    missing: str


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that discovery found below ``root`` (absolute, real path)."""

    root: Path
    name: str
    services: tuple[Service, ...]
    suites: tuple[Suite, ...]
    left_out: tuple[LeftOut, ...] = ()

    def service(self, name: str) -> Service | None:
        """Return the service called ``name``."""
        return next((s for s in self.services if s.name == name), None)
