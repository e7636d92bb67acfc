"""Writes the coverage of a run: lcov, Cobertura XML and pages of HTML, all of the same report."""

from __future__ import annotations

from pathlib import Path

from seatrial.host.files import write_atomically
from seatrial.model.coverage import CoverageReport
from seatrial.render.coverage.cobertura import cobertura
from seatrial.render.coverage.lcov import lcov
from seatrial.render.coverage.pages import PAGE_NAME, pages

LCOV, COBERTURA, PAGES = "lcov.info", "cobertura.xml", "html"


def write(folder: Path, report: CoverageReport, root: Path, at: float) -> None:
    """Write all three into ``folder``; ``at`` is now, in seconds since the epoch.

    Sources are read from ``root``. Raises ``OSError``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / LCOV, lcov(report))
    write_atomically(folder / COBERTURA, cobertura(report, root, at))
    (folder / PAGES).mkdir(exist_ok=True)
    for old in (folder / PAGES).iterdir():
        # What else is there may be somebody's own.
        if PAGE_NAME.fullmatch(old.name):
            old.unlink()
    for name, text in pages(report, root):
        (folder / PAGES / name).write_text(text, encoding="utf-8", errors="replace")
