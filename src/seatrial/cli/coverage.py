"""``seatrial test --coverage`` and ``seatrial ci coverage``: where the reports go."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.model.coverage import CoverageReport, FileCoverage
from seatrial.model.project import Project

_LCOV = "lcov.info"


def writer(folder: Path, root: Path, option: str = "--coverage") -> Callable[[CoverageReport], str]:
    """Return what writes the reports of the repository at ``root`` into ``folder``, and names it.

    ``option`` is what the user gave the folder to.

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
            mend=f"give {option} a folder that this user may write to",
        )

    def write(report: CoverageReport) -> str:
        from seatrial.render.coverage.files import write as write_all

        write_all(folder, report, root, time.time())
        return str(folder)

    return write


def put_together(
    project: Project, reports: Iterable[Path], folder: Path
) -> tuple[CoverageReport, str]:
    """Write what ``reports`` (folders or lcov files) say together; return it and where it is.

    Raises ``UsageError`` where one of them is no report of this repository, or ``folder`` cannot be
    written to.
    """
    from seatrial.model.coverage import merged

    found = [file for report in reports for file in _read(report, project.root)]
    report = merged(project, found)
    return report, writer(folder, project.root, "--to")(report)


def _read(report: Path, root: Path) -> Iterator[FileCoverage]:
    from seatrial.runners.lcov import read

    path = report / _LCOV if report.is_dir() else report
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}",
            mend="name a folder that `seatrial test --coverage` wrote",
        ) from None
    files = list(read(text))
    if text and not any((root / file.path).is_file() for file in files):
        raise UsageError(
            f"{path} tells of no file of {root}",
            mend="give an lcov file in which paths are relative to the root",
        )
    yield from (file for file in files if _is_inside(file.path))


def _is_inside(name: str) -> bool:
    path = Path(os.path.normpath(name))
    return not path.is_absolute() and path.parts[:1] != ("..",)
