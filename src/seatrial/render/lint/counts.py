"""How many findings there are of each kind, as a line and as numbers."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.lint.model import Finding, Report, Severity
from seatrial.render.text import plural

# Errors first, as they are read.
SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def of_severity(findings: Iterable[Finding], severity: Severity) -> list[Finding]:
    """Return the findings of one severity, in their order."""
    return [finding for finding in findings if finding.severity is severity]


def counts(report: Report) -> dict[str, int]:
    """Return what can be counted, by name."""
    found = {f"{severity}s": len(of_severity(report.findings, severity)) for severity in SEVERITIES}
    return {
        **found,
        "fixable": sum(finding.fix is not None for finding in report.findings),
        "fixed": report.fixed,
        "suppressed": len(report.suppressed),
        "files": sum(report.checked.values()),
    }


def numbers(findings: Iterable[Finding]) -> str:
    """Return ``2 errors, 1 note``, the numbers that are not 0."""
    found = list(findings)
    each = ((len(of_severity(found, severity)), str(severity)) for severity in SEVERITIES)
    return ", ".join(plural(number, word) for number, word in each if number)


def count_line(report: Report) -> str:
    """Return the last line of an output: what was found, where, and what can be done at once."""
    numbered = counts(report)
    files = plural(numbered["files"], "file")
    if report.findings:
        hit = len({finding.file for finding in report.findings})
        parts = [f"{numbers(report.findings)} in {hit} of {files}"]
    else:
        parts = [f"no findings in {files}"]
    if numbered["fixable"]:
        parts.append(f"{numbered['fixable']} fixable with --fix")
    if numbered["fixed"]:
        parts.append(f"{numbered['fixed']} fixed")
    if numbered["suppressed"]:
        parts.append(f"{numbered['suppressed']} suppressed")
    return "; ".join(parts)
