"""``seatrial test --coverage``: where the reports go."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.model.coverage import CoverageReport


def writer(folder: Path, root: Path) -> Callable[[CoverageReport], str]:
    """Return what writes the reports of the repository at ``root`` into ``folder``, and names it.

    Makes the folder, and keeps it out of git then. Raises ``UsageError`` where it cannot be
    written to: better now than after all tests.
    """
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            # As other tools do; what is in somebody's own folder is theirs to ignore.
            (folder / ".gitignore").write_text("*\n")
        refused = "" if os.access(folder, os.W_OK | os.X_OK) else "it is not writable"
    except OSError as error:
        refused = error.strerror or str(error)
    if refused:
        raise UsageError(
            f"the reports of coverage could not be written to {folder}: {refused}",
            mend="give --coverage a folder that this user may write to",
        )

    def write(report: CoverageReport) -> str:
        from seatrial.render.coverage.files import write as write_all

        write_all(folder, report, root, time.time())
        return str(folder)

    return write
