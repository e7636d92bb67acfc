"""The error tree; an exit code per class.

::

    SeatrialError                    2
    ├── UsageError                   2   an option or argument that makes no sense
    ├── ConfigError                  2   seatrial.toml, a compose file, a Dockerfile, an env file
    ├── EnvironmentFailure           3   the environment could not be had
    │   ├── RuntimeMissing           3   no engine, no provider, no program
    │   └── Refused                  3   what this runtime cannot do, named
    ├── DeadlinePassed               4   a deadline of the run, a suite, a boot or a command
    ├── NoTests                      5   no test exists at all
    └── Interrupted                130   SIGINT; 143 for SIGTERM

The codes are the contract of every verb (see ``docs/reference/exit-codes.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EXIT_GOOD = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3
EXIT_DEADLINE = 4
EXIT_NO_TESTS = 5
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

PRECEDENCE = (
    EXIT_INTERRUPTED,
    EXIT_TERMINATED,
    EXIT_USAGE,
    EXIT_ENVIRONMENT,
    EXIT_DEADLINE,
    EXIT_FAILED,
    EXIT_NO_TESTS,
    EXIT_GOOD,
)


def worst(codes: list[int]) -> int:
    """Return the code that wins where several apply: interrupted, then 2, 3, 4, 1."""
    return min(codes, key=PRECEDENCE.index, default=EXIT_GOOD)


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file; lines and columns count from 1, 0 means unknown."""

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


class SeatrialError(Exception):
    """What went wrong, where, and what to do about it.

    ``what`` is one sentence without a full stop; ``mend`` tells the user's next step; ``detail``
    holds lines of evidence (log lines, compiler output), last ones last.
    """

    exit_code = EXIT_USAGE

    def __init__(
        self,
        what: str,
        *,
        where: Where | None = None,
        mend: str = "",
        detail: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend
        self.detail = detail

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}"


class UsageError(SeatrialError):
    """An option or argument that makes no sense here."""


class ConfigError(SeatrialError):
    """A file the user wrote that cannot be understood as it stands."""


class EnvironmentFailure(SeatrialError):
    """An environment could not be had: unhealthy, exited, not built, no port."""

    exit_code = EXIT_ENVIRONMENT


class RuntimeMissing(EnvironmentFailure):
    """Something that must be installed or running is not: an engine, a provider, a program."""


class Refused(EnvironmentFailure):
    """The compose file asks for what this runtime cannot do; the mend names what can."""


class DeadlinePassed(SeatrialError):
    """A deadline passed; what was waited for is in ``what``."""

    exit_code = EXIT_DEADLINE


class NoTests(SeatrialError):
    """Nothing that looks like a test exists."""

    exit_code = EXIT_NO_TESTS


class Interrupted(SeatrialError):
    """A signal ended the run."""

    exit_code = EXIT_INTERRUPTED
