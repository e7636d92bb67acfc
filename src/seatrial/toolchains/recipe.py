"""What one kind of environment needs in order to be installed: the seam below ``sync``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seatrial.errors import RuntimeMissing, SeatrialError, Where
from seatrial.model.project import ServiceKind

if TYPE_CHECKING:  # it brings asyncio, which looking for programs need not load
    from seatrial.host.processes import Completed

Find = Callable[[str], str | None]

_EVIDENCE_LINES = 20
_CREDENTIALS = re.compile(r"//[^/\s@]+@")


@dataclass(frozen=True, slots=True)
class Step:
    """One command of an installation; ``env`` is an overlay on the run's own environment."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str | None] = field(default_factory=dict)


class Recipe(Protocol):
    """How the environment of one folder is installed, and how to tell that it is."""

    @property
    def kind(self) -> str:
        """Return ``uv``, ``pip`` or ``npm``."""

    @property
    def folder(self) -> Path:
        """Return the folder whose files are read."""

    @property
    def home(self) -> Path:
        """Return where the environment stands."""

    @property
    def stamp(self) -> Path:
        """Return the file that holds the fingerprint of what was installed last."""

    def fingerprint(self) -> str:
        """Return a hash of all that the installation depends on and of what is installed."""

    def is_installed(self) -> bool:
        """Return whether somebody else has installed just this already."""

    def steps(self) -> Sequence[Step]:
        """Return the commands. Raises ``ConfigError``, ``RuntimeMissing``."""

    def failure(self, completed: Completed) -> SeatrialError:
        """Return the error that a failed step means."""

    def env(self, path: str) -> Mapping[str, str | None]:
        """Return the overlay under which the environment's programs come first in ``path``."""


def programs_first(path: str, folders: Sequence[Path], own: str) -> str:
    """Return ``path`` with ``folders`` in front and without ``own``, where our programs are."""
    rest = [entry for entry in path.split(os.pathsep) if entry and entry != own]
    return os.pathsep.join(dict.fromkeys([*map(str, folders), *rest]))


def digest(*parts: Path | str) -> str:
    """Return a hash of texts and of the contents of files; a missing file counts as such."""
    total = sha256()
    for part in parts:
        if isinstance(part, Path):
            try:
                content = part.read_bytes()
            except OSError:
                content = b"\0missing"
        else:
            content = part.encode()
        total.update(b"%d:" % len(content) + content)
    return total.hexdigest()


def evidence(completed: Completed) -> tuple[str, ...]:
    """Return the last lines that a tool printed, without credentials in addresses."""
    lines = [*completed.out.splitlines(), *completed.err.splitlines()]
    kept = [_CREDENTIALS.sub("//***@", line.rstrip()) for line in lines if line.strip()]
    return tuple(kept[-_EVIDENCE_LINES:])


def install_failed(completed: Completed, where: Path) -> RuntimeMissing:
    """Return the error for an installer that failed for a reason of its own."""
    command = " ".join([Path(completed.argv[0]).name, *completed.argv[1:3]])
    return RuntimeMissing(
        f"{command} ended with {completed.code} while installing {where.parent}",
        where=Where(where),
        mend=f"run it by hand in {where.parent} and mend what it names",
        detail=evidence(completed),
    )


def missing_program(kind: ServiceKind, find: Find) -> str:
    """Return the program without which no suite of ``kind`` can run here; empty where all is well.

    ``find`` returns the path of a program or ``None``.
    """
    needed: Mapping[ServiceKind, tuple[str, ...]] = {
        ServiceKind.NODE: ("node", "npm"),
        ServiceKind.GO: ("go",),
        ServiceKind.RUST: ("cargo",),
    }
    return next((p for p in needed.get(kind, ()) if find(p) is None), "")
