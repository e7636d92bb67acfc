"""Findings as workflow commands, which GitHub and Gitea show beside the lines of a change.

GitHub shows ten of a type for a step: the worst come first, and a last notice counts the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.lint.model import Finding, Report, Severity
from seatrial.render.annotations import command, defused, group
from seatrial.render.lint.agent import brief
from seatrial.render.lint.counts import SEVERITIES, of_severity
from seatrial.render.lint.text import closing_lines
from seatrial.render.text import plural
from seatrial.render.width import clean

_SHOWN = 10
_COMMANDS: Mapping[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def github_lines(report: Report) -> Iterator[str]:
    """Yield at most ten annotations of a type, a folded list of all if that cut any, the counts."""
    found = {severity: of_severity(report.findings, severity) for severity in SEVERITIES}
    cut = any(len(findings) > _SHOWN for findings in found.values())
    left = []
    for severity, findings in found.items():
        # The line that counts the rest is a notice itself.
        room = _SHOWN - (cut and severity is Severity.NOTE)
        yield from (_annotation(finding) for finding in findings[:room])
        if len(findings) > room:
            left.append("+" + plural(len(findings) - room, f"more {severity}"))
    if left:
        yield command("notice", f"{', '.join(left)}: see the log of this step")
        yield from group("All findings", [defused(brief(finding)) for finding in report.findings])
    yield from closing_lines(report)


def _annotation(finding: Finding) -> str:
    message = clean(finding.what) + (f"\nhelp: {clean(finding.mend)}" if finding.mend else "")
    # GitHub takes columns only where begin and end are on one line.
    one = finding.end_line == finding.line
    return command(
        _COMMANDS[finding.severity],
        message,
        file=finding.file.as_posix(),
        line=str(finding.line),
        endLine=str(finding.end_line),
        col=str(finding.column),
        endColumn=str(finding.end_column) if one else "",
        title=f"{finding.code} {finding.name}",
    )
