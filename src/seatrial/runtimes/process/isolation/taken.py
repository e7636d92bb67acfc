"""The one error for a host port that cannot be had: which, by what it is moved, and who has it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from seatrial.errors import EnvironmentFailure, Where
from seatrial.host.ports import holder

# In front of the container port where that is on the line, else the only one.
_VARIABLES = (re.compile(r"\$\{?(\w+)[^}]*\}?:\d+"), re.compile(r"\$\{?(\w+)"))
# An entry in the long form has its ``published:`` within so many lines.
_ENTRY = 5
_START = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
_USUAL_START = 1024


def taken(service: str, port: int, where: Where) -> EnvironmentFailure:
    """Return the error for a published port that is not free."""
    variable = _variable(where)
    move = "publish another port"
    if variable:
        move = f"set {variable} to another port (in {where.file.parent / '.env'})"
    if os.geteuid() != 0 and port < (first := _first_unprivileged()):
        return EnvironmentFailure(
            f"service {service} is published on port {port}, and ports below {first} take root",
            where=where,
            mend=f"{move}, {first} or above",
        )
    who = holder(port)
    return EnvironmentFailure(
        f"service {service} is published on port {port}, which is taken"
        + (f" by {who}" if who else ""),
        where=where,
        mend=f"{move}, or end {'that program' if who else 'the program that has it'}",
    )


def _variable(where: Where) -> str | None:
    """Return the variable that the line of the compose file takes its host port from."""
    try:
        lines = where.file.read_text().splitlines()[max(where.line - 1, 0) :][:_ENTRY]
    except OSError:
        return None
    said = [line for line in lines[1:] if "published:" in line]
    found = (pattern.search(line) for line in (*lines[:1], *said) for pattern in _VARIABLES)
    return next((match[1] for match in found if match), None)


def together(errors: Sequence[EnvironmentFailure]) -> EnvironmentFailure:
    """Return one error for all ports that are taken, the first one's words in front."""
    first, *others = errors
    detail = tuple(f"also {error}" for error in others)
    return EnvironmentFailure(first.what, where=first.where, mend=first.mend, detail=detail)


def _first_unprivileged() -> int:
    try:
        return int(_START.read_text())
    except (OSError, ValueError):
        return _USUAL_START
