"""Entries added to files that are there: text in, text out, nothing of the user's touched.

One module for each kind of file; its function ``wire`` takes the text as it is, what to add (a
fragment, or a name for the Makefile) and the path for errors, and returns the new text with what
was added and what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TypeAlias

from seatrial.scaffold.wiring import compose, variables
from seatrial.scaffold.wiring.base import Wiring

Wire: TypeAlias = Callable[[str, str, str], Wiring]

_BY_NAME: Mapping[str, Wire] = {
    "docker-compose.yml": compose.wire,
    ".env.example": variables.wire,
}


def wire_of(path: str) -> Wire | None:
    """Return how a fragment is added to the file at ``path``; ``None`` where none can be."""
    return _BY_NAME.get(PurePosixPath(path).name)
