"""Findings as one JSON document with its schema's version."""

from __future__ import annotations

import json
from typing import Any

from seatrial.lint.model import Finding, Report
from seatrial.render.lint.counts import counts

SCHEMA_VERSION = 1


def lint_json(report: Report) -> str:
    """Return the report as JSON: findings in the order of file, line and column."""
    document = {
        "v": SCHEMA_VERSION,
        "findings": [_plain(finding) for finding in report.findings],
        "suppressed": [
            {**_plain(finding), "reason": finding.suppressed} for finding in report.suppressed
        ],
        "counts": counts(report),
        "checked": dict(sorted(report.checked.items())),
        "not_fixed": list(report.kept),
        "notes": list(report.notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": str(finding.severity),
        "file": finding.file.as_posix(),
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "what": finding.what,
        "mend": finding.mend,
        "fixable": finding.fix is not None,
    }
