"""What is said of coverage at the end of a run: a table for people, a line for agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.events import CoverageReported
from seatrial.model.coverage import Covered
from seatrial.render.record import Record
from seatrial.render.style import Line, Span, Style, line
from seatrial.render.text import plural
from seatrial.render.width import cells, one_line

_ELSEWHERE = "elsewhere"
_NOTHING = "nothing was measured"
# How many services an agent is told one by one.
_BY_NAME = 8


def percent(total: Covered) -> str:
    """Return the rate; never 100% or 0% where that is not wholly true."""
    if total.lines_covered == total.lines:
        return "100%"
    least = 0.1 if total.lines_covered else 0.0
    return f"{min(max(100 * total.rate, least), 99.9):.1f}%"


def coverage_lines(record: Record) -> Iterator[Line]:
    """Return a row for each service and one for all; nothing where it was not asked for."""
    if record.coverage is not None:
        yield from table(record.coverage.services, record.coverage.folder)


def table(services: Sequence[Covered], folder: str) -> Iterator[Line]:
    """Return a row for each of ``services`` and one for all; ``folder`` has the reports."""
    title = f"{'coverage':<13}"
    if not services:
        yield line(Span(title, Style.HEADING), _NOTHING)
        return
    rows = [(one_line(one.name) or _ELSEWHERE, one) for one in services]
    if len(rows) != 1:
        rows.append(("all", sum(services, Covered(""))))
    width = max(cells(name) for name, _ in rows)
    for name, one in rows:
        padded = name + " " * (width - cells(name))
        yield line(Span(title, Style.HEADING), f"{padded}  {percent(one):>6}  {_figures(one)}")
        title = " " * len(title)
    yield line(title, Span(f"reports in {one_line(folder)}", Style.QUIET))


def coverage_text(coverage: CoverageReported) -> str:
    """Return all of it in one line."""
    total, where = total_of(coverage), one_line(coverage.folder)
    named = [
        f"{one_line(one.name) or _ELSEWHERE} {percent(one)}"
        for one in sorted(coverage.services, key=lambda one: one.rate)[:_BY_NAME]
    ]
    left = len(coverage.services) - len(named)
    more = f", {left} more" if left else ""
    each = f" ({', '.join(named)}{more})" if named else ""
    if not coverage.services:
        return f"coverage: {_NOTHING}, in {where}"
    return f"coverage: {percent(total)} of {plural(total.lines, 'line')}{each}, in {where}"


def total_of(coverage: CoverageReported) -> Covered:
    """Return the sum of all services."""
    return sum(coverage.services, Covered(""))


def _figures(one: Covered) -> str:
    lines = f"{one.lines_covered} of {plural(one.lines, 'line')}"
    branches = f"{one.branches_covered} of {one.branches} branches"
    return f"{lines}, {branches}" if one.branches else lines
