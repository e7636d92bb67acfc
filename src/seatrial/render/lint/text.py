"""Findings for people: the place, what is wrong, the source line with a caret, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from seatrial.lint.model import Finding, Report, Severity
from seatrial.lint.positions import Lines
from seatrial.render.lint.counts import count_line, numbers
from seatrial.render.lint.excerpt import excerpt
from seatrial.render.style import Line, Span, Style, line, paint
from seatrial.render.width import one_line

STYLES: Mapping[Severity, Style] = {
    Severity.ERROR: Style.BAD,
    Severity.WARNING: Style.WARN,
    Severity.NOTE: Style.BLUE,
}


def place(finding: Finding) -> str:
    """Return ``file:line:column``, which terminals and editors can open."""
    return f"{one_line(finding.file.as_posix())}:{finding.line}:{finding.column}"


def text_lines(
    report: Report, *, width: int = 80, colour: bool = False, ascii: bool = False
) -> Iterator[str]:
    """Yield the report for a terminal of ``width`` columns, file by file."""
    for name, found in groupby(report.findings, key=lambda finding: finding.file.as_posix()):
        findings = list(found)
        source = report.sources.get(name)
        lines = None if source is None else Lines(source)
        heading = line(Span(one_line(name), Style.HEADING), "  ")
        yield paint((*heading, Span(numbers(findings), Style.QUIET)), colour)
        yield ""
        for finding in findings:
            for spans in _finding(finding, lines, width, ascii):
                yield paint(spans, colour)
            yield ""
    yield from closing_lines(report, colour=colour)


def closing_lines(report: Report, *, colour: bool = False) -> Iterator[str]:
    """Yield what is not about one finding, and the counts."""
    for kept in report.kept:
        yield paint(line(Span("not fixed: ", Style.WARN), one_line(kept)), colour)
    for note in report.notes:
        yield paint(line(Span("note: ", Style.BLUE), one_line(note)), colour)
    style = Style.VERDICT_BAD if report.failed else Style.VERDICT_GOOD
    yield paint(line(Span(count_line(report), style)), colour)


def _finding(finding: Finding, lines: Lines | None, width: int, ascii: bool) -> Iterator[Line]:
    style = STYLES[finding.severity]
    fixable = Span(" (fixable)", Style.QUIET) if finding.fix else ""
    yield line(
        f"{place(finding)}: ",
        Span(f"{finding.severity} {finding.code}", style),
        Span(f" {finding.name}", Style.QUIET),
        fixable,
    )
    yield line(f"  {one_line(finding.what)}")
    gutter = " " * max(len(str(finding.line)), 3)
    if lines is not None:
        shown = excerpt(lines, finding, width - len(gutter) - 5, ascii=ascii)
        bar = Span(" | ", Style.QUIET)
        yield line(Span(f"  {shown.number:>{len(gutter)}}", Style.QUIET), bar, shown.text)
        caret = " " * shown.offset + "^" * shown.length
        more = f" to line {finding.end_line}" if finding.end_line > finding.line else ""
        yield line(f"  {gutter}", bar, Span(caret, style), Span(more, Style.QUIET))
    if finding.mend:
        yield line(f"  {gutter} ", Span("help: ", Style.BUSY), one_line(finding.mend))
