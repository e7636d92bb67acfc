"""All runners by the name that ``runner =`` takes in ``seatrial.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.errors import UsageError
from seatrial.runners.base import Runner
from seatrial.runners.command import CommandRunner
from seatrial.runners.go import GoRunner
from seatrial.runners.javascript import JEST, VITEST
from seatrial.runners.pytest import PytestRunner

RUNNERS: Mapping[str, Runner] = {
    "pytest": PytestRunner(),
    "vitest": VITEST,
    "jest": JEST,
    "go": GoRunner(),
    "command": CommandRunner(),
}


def runner(name: str) -> Runner:
    """Return the runner called ``name``. Raises ``UsageError`` for a name that is none."""
    if found := RUNNERS.get(name):
        return found
    raise UsageError(f"no runner {name!r}", mend=f"take one of: {', '.join(RUNNERS)}")
