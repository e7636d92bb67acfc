"""Findings as SARIF 2.1.0, which code scanning services read.

At most 25,000 results, the most that GitHub takes, the worst first; a notification says how many
are left out. Fingerprints hold the text of the line and no number, so that a finding keeps its own
when lines above it come and go. URIs are relative to the repository's root.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from seatrial import __version__
from seatrial.lint.model import Edit, Finding, Report, Rule
from seatrial.lint.positions import Lines
from seatrial.render.lint.counts import SEVERITIES, of_severity
from seatrial.render.lint.explain import environments, has_fix, rule_text

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
MOST_RESULTS = 25_000
FINGERPRINT = "seatrialLine/v1"
_ROOT = "%SRCROOT%"
# The reason that says a finding is in the baseline begins so; the others stand in the file.
_BASELINE = "baseline"


def sarif(report: Report, rules: Sequence[Rule[Any]]) -> str:
    """Return the report as one SARIF log; ``rules`` are all that were looked for."""
    ordered = [f for severity in SEVERITIES for f in of_severity(report.findings, severity)]
    every = [*ordered, *report.suppressed]
    kept = every[:MOST_RESULTS]
    described = [*(_rule(rule) for rule in rules), *_others(kept, rules)]
    index = {rule["id"]: number for number, rule in enumerate(described)}
    sources = {name: Lines(text) for name, text in report.sources.items()}
    prints = _fingerprints(kept, sources)
    run = {
        "tool": {
            "driver": {
                "name": "seatrial",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": described,
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, len(every) - len(kept))],
        "results": [
            _result(finding, index[finding.code], sources, fingerprint)
            for finding, fingerprint in zip(kept, prints, strict=True)
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(rule: Rule[Any]) -> dict[str, Any]:
    text = rule_text(rule)
    first = " ".join(text.partition("\n\n")[0].split())
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": first},
        "fullDescription": {"text": f"{first} Mend: {rule.mend}."},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": str(rule.severity)},
        "properties": {
            "category": str(rule.category),
            "tags": [str(rule.category), *sorted(rule.tiers)],
            "environments": environments(rule),
            "fixable": has_fix(rule),
        },
    }


def _others(findings: Iterable[Finding], rules: Iterable[Rule[Any]]) -> Iterator[dict[str, Any]]:
    """Yield what is not a rule of the registry: broken files, another program's findings."""
    known = {rule.code for rule in rules}
    for finding in findings:
        if finding.code not in known:
            known.add(finding.code)
            yield {
                "id": finding.code,
                "name": finding.name,
                "shortDescription": {"text": finding.name.replace("-", " ")},
                "help": {"text": finding.mend or finding.what},
                "defaultConfiguration": {"level": str(finding.severity)},
            }


def _invocation(report: Report, left: int) -> dict[str, Any]:
    told = [*report.notes, *(f"not fixed: {kept}" for kept in report.kept)]
    notifications = [{"level": "note", "message": {"text": text}} for text in told]
    if left:
        text = f"{left} more results are left out: a log holds {MOST_RESULTS} at most"
        notifications.append({"level": "warning", "message": {"text": text}})
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _result(
    finding: Finding, rule: int, sources: dict[str, Lines], fingerprint: str
) -> dict[str, Any]:
    help = f" To mend it: {finding.mend}." if finding.mend else ""
    path = finding.file.as_posix().encode("utf-8", "surrogateescape")
    artifact = {"uri": quote(path), "uriBaseId": _ROOT}
    result = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": f"{finding.what}.{help}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": _region(
                        (finding.line, finding.column), (finding.end_line, finding.end_column)
                    ),
                }
            }
        ],
        "partialFingerprints": {FINGERPRINT: fingerprint},
        # All results have the property, or none may.
        "suppressions": [_suppression(finding)] if finding.suppressed else [],
    }
    lines = sources.get(finding.file.as_posix())
    if finding.fix is not None and lines is not None:
        replacements = [_replacement(edit, lines) for edit in finding.fix.edits]
        change = {"artifactLocation": artifact, "replacements": replacements}
        description = {"text": finding.mend or finding.what}
        result["fixes"] = [{"description": description, "artifactChanges": [change]}]
    return result


def _region(begin: tuple[int, int], end: tuple[int, int]) -> dict[str, int]:
    return {
        "startLine": begin[0],
        "startColumn": begin[1],
        "endLine": end[0],
        "endColumn": end[1],
    }


def _replacement(edit: Edit, lines: Lines) -> dict[str, Any]:
    region = _region(lines.position(edit.span.start), lines.position(edit.span.end))
    replacement: dict[str, Any] = {"deletedRegion": region}
    if edit.text:
        replacement["insertedContent"] = {"text": edit.text}
    return replacement


def _suppression(finding: Finding) -> dict[str, str]:
    kind = "external" if finding.suppressed.startswith(_BASELINE) else "inSource"
    return {"kind": kind, "justification": finding.suppressed}


def _fingerprints(findings: Iterable[Finding], sources: dict[str, Lines]) -> Iterator[str]:
    """Yield a digest of rule, file and line; the same line again in a file counts up."""
    seen: Counter[str] = Counter()
    for finding in findings:
        file = finding.file.as_posix()
        line = sources[file].text(finding.line) if file in sources else finding.what
        text = "\0".join((finding.code, file, "".join(line.split())))
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        yield f"{digest}:{seen[digest]}"
