"""What is asked for, and what comes of it: answers and trees of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# The CI systems that workflows are written for.
GITHUB = "github"
GITEA = "gitea"
FORGES = (GITHUB, GITEA)


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """One service to make.

    ``name`` is as in compose files (``[a-z0-9-]``, begins with a letter). ``backing`` is a name of
    ``kinds.BACKINGS`` or empty. ``host_port`` and ``backing_port`` are the defaults of the ports
    that development publishes, 0 where it publishes none. ``upstream`` is the service that a client
    calls, empty where there is none, and ``upstream_port`` the port in its container.
    """

    name: str
    kind: str
    backing: str = ""
    host_port: int = 0
    backing_port: int = 0
    upstream: str = ""
    upstream_port: int = 0

    @property
    def package(self) -> str:
        """Return its name as a Python module."""
        return self.name.replace("-", "_")

    @property
    def env(self) -> str:
        """Return its name as the beginning of an environment variable."""
        return self.package.upper()


@dataclass(frozen=True, slots=True)
class Answers:
    """A whole repository: ``project`` is a slug that image and volume names begin with.

    ``forges`` are the CI systems that have workflows, names of :data:`FORGES`.
    """

    project: str
    services: tuple[ServiceAnswer, ...] = ()
    forges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """One file of a tree; ``text`` as it is written, in UTF-8."""

    text: str
    executable: bool = False


# Paths are relative to the root of the repository, with slashes.
Tree = Mapping[str, File]
