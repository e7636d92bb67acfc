"""What lint speaks of: rules, findings, edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

D = TypeVar("D")


class Severity(StrEnum):
    """How bad a finding is: errors and warnings make lint fail, notes do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Category(StrEnum):
    """What a rule is about; its code begins with the number.

    1 the pattern, 2 what bites at run time, 3 security, 4 tests, 5 Dockerfiles, 6 workflows,
    7 the repository as a whole, 9 lint itself.
    """

    PATTERN = "pattern"
    RUNTIME = "runtime"
    SECURITY = "security"
    TESTS = "tests"
    DOCKERFILE = "dockerfile"
    WORKFLOW = "workflow"
    REPOSITORY = "repository"
    LINT = "lint"


class Tier(StrEnum):
    """An environment of the pattern, as the folder of a compose file says: ``deploy/<tier>/``."""

    DEV = "dev"
    TEST = "test"
    PROD = "prod"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` up to ``end``, in characters of the document's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """``text`` in the place of ``span``; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A certain mend: edits of one document, none over another.

    ``changes`` names what may differ afterwards, as paths into the parsed document
    (``("services", "api", "ports")``): everything else must be the same.
    """

    edits: tuple[Edit, ...]
    changes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule yields: where in its document, and what is wrong there.

    ``what`` is one sentence without a full stop, with the names in it; ``mend`` says what to do,
    where the rule's own general words do not fit. ``file`` is only for rules over the repository:
    the path (relative, with slashes) of the file that the span is in, where it is not the
    document's own.
    """

    span: Span
    what: str
    mend: str = ""
    fix: Fix | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[D]):
    """A rule over documents of one kind: the class ``of``.

    ``code`` is stable for ever (``SEA101``), ``name`` its words (``fixed-port-in-test``). ``mend``
    is one sentence, the general mend. ``tiers`` are the environments that it applies to; empty
    means all, files outside of ``deploy/`` too. ``check`` looks at one document. ``module`` is
    filled in by the registry.
    """

    code: str
    name: str
    severity: Severity
    category: Category
    mend: str
    of: type[D]
    check: Callable[[D], Iterable[Hit]]
    tiers: frozenset[Tier] = frozenset()
    module: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A hit in its file: what renderers show. Lines and columns count from 1, in characters.

    ``file`` is relative to the root. The end is where the first character after it stands.
    ``suppressed`` is the reason given in the file, the baseline or the configuration.
    """

    code: str
    name: str
    severity: Severity
    file: Path
    line: int
    column: int
    end_line: int
    end_column: int
    what: str
    mend: str
    fix: Fix | None = None
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run has to say, for a renderer.

    ``findings`` are what counts, in the order of file, line, column and code; ``suppressed`` are
    those that a comment or the baseline silences. ``sources`` is the text of every file that a
    finding is in, by its path relative to the root, with slashes. ``checked`` counts the files by
    kind (``compose``, ``dockerfile``, …). ``fixed`` counts the fixes that were made, ``kept``
    says which were left out and why. ``notes`` are lines about the run itself (a given path that
    lint has no rules for; entries of the baseline that are no longer needed).
    """

    root: Path
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    checked: Mapping[str, int] = field(default_factory=dict)
    fixed: int = 0
    kept: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Return whether an error or a warning stands: notes alone do not fail."""
        return any(finding.severity is not Severity.NOTE for finding in self.findings)
