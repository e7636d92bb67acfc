"""What was found in a repository, and what would be written into it. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from seatrial.config import Config
from seatrial.model.project import ServiceKind, Stage


@dataclass(frozen=True, slots=True)
class FoundSuite:
    """Tests of one stage in one folder.

    ``paths`` are relative to that folder; none means what the package's own script or Go runs.
    ``usual`` says that discovery finds them by itself. ``apart`` are places below ``paths`` that
    belong to another stage. ``command`` is needed where the runner is not started by paths.
    """

    stage: Stage
    cause: str
    paths: tuple[str, ...] = ()
    usual: bool = False
    apart: tuple[str, ...] = ()
    command: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundService:
    """A folder that is a service.

    ``path`` is relative to the root with slashes, ``.`` for the root. ``container`` is the compose
    service that it is, empty where there is none; ``containers`` are all that are built from it,
    its workers too. ``dropped`` maps stages whose layout would find the wrong thing to why.
    """

    name: str
    path: str
    kind: ServiceKind
    cause: str
    container: str = ""
    containers: tuple[str, ...] = ()
    suites: tuple[FoundSuite, ...] = ()
    dropped: Mapping[Stage, str] = field(default_factory=dict)

    def suite(self, stage: Stage) -> FoundSuite | None:
        """Return its tests of one stage."""
        return next((suite for suite in self.suites if suite.stage is stage), None)


@dataclass(frozen=True, slots=True)
class ComposeSet:
    """Compose files of one folder that are read together; ``folder`` is relative to the root."""

    folder: str
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is in the repository. ``config`` is ``None`` where it has no seatrial.toml.

    ``others`` are compose files that nothing is derived from, with why. ``suites`` are the tests
    of the whole.
    """

    root: Path
    name: str
    services: tuple[FoundService, ...] = ()
    sets: tuple[ComposeSet, ...] = ()
    others: tuple[tuple[Path, str], ...] = ()
    suites: tuple[FoundSuite, ...] = ()
    config: Config | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a derived compose file differs from its origin; ``service`` is empty for the whole."""

    service: str
    what: str
    cause: str


@dataclass(frozen=True, slots=True)
class ProposedFile:
    """A file, relative to the root, and why. What is ``there`` already is left as it is.

    ``origin`` names the files that it is derived from.
    """

    path: str
    cause: str
    text: str = ""
    origin: str = ""
    differences: tuple[Difference, ...] = ()
    there: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be written; ``notes`` are for the person to look at."""

    findings: Findings
    files: tuple[ProposedFile, ...]
    notes: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[ProposedFile, ...]:
        """Return the files that are to be written."""
        return tuple(file for file in self.files if not file.there)
