"""Figures to text: medians, tables, and sections of a page between markers. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Section:
    """What one part of the bench measured: a table, and sentences about it.

    ``missing`` says what could not be measured and why; a part that measured nothing has no rows.
    """

    part: str
    title: str
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    missing: Sequence[str] = field(default=())

    def markdown(self) -> str:
        """Return the section as Markdown that also reads well in a terminal."""
        lines = [f"### {self.title}", ""]
        if self.rows:
            lines += [*table(self.header, self.rows), ""]
        for note in self.notes:
            lines += [note, ""]
        for what in self.missing:
            lines += [f"**NOT MEASURED**: {what}", ""]
        return "\n".join(lines)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table; every column but the first is set to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [_row(line, widths) for line in (lines[0], rule, *lines[1:])]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    set_right = (cell.rjust(width) for cell, width in others)
    return f"| {' | '.join((first[0].ljust(first[1]), *set_right))} |"


def replaced(page: str, section: Section) -> str:
    """Return ``page`` with the text between the part's markers replaced.

    Raises ``ValueError`` where the page has no such markers.
    """
    begin, end = f"<!-- bench:{section.part} -->", f"<!-- /bench:{section.part} -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no {begin} … {end} in the page")
    return f"{before}{begin}\n\n{section.markdown().rstrip()}\n\n{end}{after}"


def median(values: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two in the middle."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` (0 to 1) of all are not above."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def seconds(values: Sequence[float]) -> tuple[str, str]:
    """Return median and minimum in seconds."""
    return f"{median(values):.2f} s", f"{min(values):.2f} s"


def millis(value: float) -> str:
    """Return seconds as whole milliseconds."""
    return f"{value * 1000:.0f} ms"


def aim(met: bool) -> str:
    """Return the word for a figure beside its aim."""
    return "met" if met else "MISSED"
