"""The one error for a host port that cannot be had: which, by what it is moved, and who has it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from seatrial.errors import EnvironmentFailure, Where
from seatrial.runtimes.process.listening import holder

# In front of the container port where that is on the line, else the only one.
_VARIABLES = (re.compile(r"\$\{?(\w+)[^}]*\}?:\d+"), re.compile(r"\$\{?(\w+)"))
_START = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
_USUAL_START = 1024


def taken(service: str, host: str, port: int, where: Where) -> EnvironmentFailure:
    """Return the error for a published port that is not free."""
    variable = _variable(where)
    move = f"set {variable} to another port" if variable else "publish another port"
    if os.geteuid() != 0 and port < (first := _first_unprivileged()):
        return EnvironmentFailure(
            f"service {service} is published on port {port}, and ports below {first} take root",
            where=where,
            mend=f"{move}, {first} or above",
        )
    who = holder(host, port)
    return EnvironmentFailure(
        f"service {service} is published on port {port}, which is taken"
        + (f" by {who}" if who else ""),
        where=where,
        mend=f"{move}, or end {'that program' if who else 'the program that has it'}",
    )


def _variable(where: Where) -> str | None:
    """Return the variable that the line of the compose file takes its host port from."""
    try:
        line = where.file.read_text().splitlines()[(where.line or 1) - 1]
    except (OSError, IndexError):
        return None
    found = (pattern.search(line) for pattern in _VARIABLES)
    return next((match[1] for match in found if match), None)


def _first_unprivileged() -> int:
    try:
        return int(_START.read_text())
    except (OSError, ValueError):
        return _USUAL_START
