"""Which files git holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

_SECONDS = 20.0


def tracked_files(root: Path) -> frozenset[str] | None:
    """Return the files below ``root`` that are in git's index, relative to it, with slashes.

    ``None`` where ``root`` is in no git work tree, or git cannot be asked.
    """
    try:
        answer = subprocess.run(
            ["git", "ls-files", "-z"], cwd=root, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode:
        return None
    return frozenset(answer.stdout.decode("utf-8", "surrogateescape").split("\0")) - {""}
