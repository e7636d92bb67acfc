"""Findings for a coding agent: one line each, a mend once for all that share it."""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.model import Finding, Report
from seatrial.render.lint.counts import SEVERITIES, of_severity
from seatrial.render.lint.text import closing_lines, place
from seatrial.render.width import one_line

# More would cost more to read than it helps; those that fail come first.
_SHOWN = 50


def agent_lines(report: Report) -> Iterator[str]:
    """Yield at most 50 findings, errors first, then what is left and the counts."""
    ordered = [f for severity in SEVERITIES for f in of_severity(report.findings, severity)]
    told: set[tuple[str, str]] = set()
    for finding in ordered[:_SHOWN]:
        yield brief(finding)
        if finding.mend and (finding.code, finding.mend) not in told:
            told.add((finding.code, finding.mend))
            yield f"  help: {one_line(finding.mend)}"
    if len(ordered) > _SHOWN:
        yield f"+{len(ordered) - _SHOWN} more: seatrial lint --format json"
    yield from closing_lines(report)


def brief(finding: Finding) -> str:
    """Return a finding in one line."""
    fixable = " (fixable)" if finding.fix else ""
    what = one_line(finding.what)
    return f"{place(finding)}: {finding.severity} {finding.code}: {what}{fixable}"
