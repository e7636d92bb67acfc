"""What an environment is asked to be, and what it offers once it is up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EnvironmentRequest:
    """One environment of one run.

    ``key`` names it within the run (``service:catalog``, ``integration``). ``instance`` is the
    TEST_INSTANCE_ID that the compose files and the tests see; ``project`` is the compose project
    name. ``variables`` are what interpolation sees (the user's environment with TEST_INSTANCE_ID
    set). ``labels`` go on everything that is created. ``boot_timeout`` is in seconds. ``subject``
    is the service under test where there is one, ``exports`` the further names that the tests want
    (values as in ``Suite.exports``).
    """

    key: str
    run: str
    root: Path
    files: tuple[Path, ...]
    instance: str
    project: str
    variables: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    boot_timeout: float = 120.0
    subject: str | None = None
    exports: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one container port of a compose service is reached from the tests."""

    service: str
    container_port: int
    host: str
    port: int
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a service of an environment wrote; ``at`` is seconds since the epoch."""

    service: str
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class ServiceDetail:
    """How a runtime would start one compose service: a line of a dry run.

    ``how`` is a word (``image``, ``build``, ``provider``, ``process``, ``one-shot``); ``command``
    what runs; ``changes`` the rules that were applied, each with its cause (a translated
    reference, a remapped port, a health check made faster).
    """

    service: str
    how: str
    command: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One container or process of an environment that stands, as it is now: a row of ``ps``.

    ``state`` is a word of Docker's (``running``, ``exited``, ``restarting``, ``created``), or
    ``missing`` where the compose file has the service and nothing of it is there. ``health`` is
    ``healthy``, ``unhealthy``, ``starting``, or empty where nothing checks it. ``started`` is
    seconds since the epoch; ``code`` how it ended. ``one_shot`` says that it is meant to end.
    """

    service: str
    number: int
    state: str
    health: str = ""
    code: int | None = None
    started: float | None = None
    endpoints: tuple[Endpoint, ...] = ()
    one_shot: bool = False

    @property
    def good(self) -> bool:
        """Return whether it is as it should be: up and not ill, or a one-shot that ended well."""
        if self.state == "running":
            return self.health in ("", "healthy")
        return self.one_shot and self.state == "exited" and self.code == 0
