"""The compose files of one run, each set of them read once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject


class ComposeFiles:
    """Reads like ``load``, and remembers the answer for as long as the run lasts."""

    def __init__(self) -> None:
        self._read: dict[tuple[object, ...], ComposeProject] = {}

    def read(self, files: tuple[Path, ...], variables: Mapping[str, str]) -> ComposeProject:
        """Return the project. Raises as ``load`` does."""
        key = (files, *sorted(variables.items()))
        if key not in self._read:
            self._read[key] = load(files, variables)
        return self._read[key]
