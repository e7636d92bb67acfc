"""Where the named volumes of an environment that stands are kept."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from seatrial.host.worktree import Worktree

# As root, servers run as another user, who can neither enter root's home nor many a checkout.
_SYSTEM = Path("/var/lib/seatrial")
_PASSABLE = 0o711
_ENTER = 0o1


def choose(worktree: Worktree, state: Path, name: str, system: Path = _SYSTEM) -> Path:
    """Return the folder for the volumes of environment ``name``; makes nothing.

    In the worktree; where a server that runs as another user could not get there, in the user's
    ``state`` folder, and where not even that, in the ``system``'s.
    """
    inside = worktree.folder / "data" / name
    if os.geteuid() != 0:
        return inside
    mine = state / "data" / worktree.id / name
    return next((one for one in (inside, mine) if _open(one)), system / worktree.id / name)


def make(folder: Path) -> None:
    """Make the folder and those above it that are missing, to be passed but not listed."""
    missing = [folder, *folder.parents]
    for one in reversed(missing):
        if not one.exists():
            one.mkdir(mode=_PASSABLE)
            one.chmod(_PASSABLE)


def forget(folder: Path) -> None:
    """Remove the folder and the two above it that are ours alone, where they are empty."""
    with contextlib.suppress(OSError):
        for one in (folder, folder.parent, folder.parent.parent):
            one.rmdir()


def _open(folder: Path) -> bool:
    """Return whether every user may pass to ``folder``, which need not be there yet."""
    there = [one for one in (folder, *folder.parents) if one.exists()]
    return all(one.stat().st_mode & _ENTER for one in there)
