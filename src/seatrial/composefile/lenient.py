"""Compose files that cannot be started as they stand, read all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.composefile.envfile import read_env_file
from seatrial.composefile.interpolate import MissingVariable
from seatrial.composefile.load import load
from seatrial.composefile.model import ComposeProject
from seatrial.errors import Where

# A valid port, size, number, name and path.
_STAND_IN = "1"


@dataclass(frozen=True, slots=True)
class Read:
    """A project, the required variables that have no value, and the variables it was read with.

    In ``variables`` the missing ones have a stand-in.
    """

    project: ComposeProject
    missing: tuple[MissingVariable, ...]
    variables: Mapping[str, str]


def load_leniently(files: Sequence[Path], variables: Mapping[str, str]) -> Read:
    """Read ``files`` as ``load`` does, but go on where a required variable is missing.

    Raises as ``load`` does for everything else.
    """
    known = dict(variables)
    missing: list[MissingVariable] = []
    while True:
        try:
            return Read(load(files, known), tuple(missing), known)
        except MissingVariable as error:
            missing.append(error)
            known[error.name] = _STAND_IN


def dotenv(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return what the ``.env`` file of ``folder`` sets; nothing where there is none."""
    file = folder / ".env"
    return read_env_file(file, variables, _ignore) if file.is_file() else {}


def _ignore(_name: str, _where: Where) -> None:
    return None
