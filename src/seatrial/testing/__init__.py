"""seatrial.testing: what helps tests of services, for use in their own repositories.

It imports nothing of the tool, and each of its parts only when that is asked for. The pytest plugin
is ``seatrial.testing.plugin``; a project names it in pytest's settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.testing.database import Database, Databases
    from seatrial.testing.stub import Stub, check_stub
    from seatrial.testing.waiting import WaitTimeout, wait_for, wait_for_async, wait_for_sync

__all__ = [
    "Database",
    "Databases",
    "Stub",
    "WaitTimeout",
    "check_stub",
    "wait_for",
    "wait_for_async",
    "wait_for_sync",
]

_HOMES = {
    "Database": "database",
    "Databases": "database",
    "Stub": "stub",
    "WaitTimeout": "waiting",
    "check_stub": "stub",
    "wait_for": "waiting",
    "wait_for_async": "waiting",
    "wait_for_sync": "waiting",
}


def __getattr__(name: str) -> object:
    """Import a part when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
