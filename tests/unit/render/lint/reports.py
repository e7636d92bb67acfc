"""Reports as lint would hand them to a renderer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seatrial.lint.model import Edit, Finding, Fix, Report, Severity, Span
from seatrial.lint.positions import Lines

FILE = "deploy/test/docker-compose.yml"
TEXT = """\
services:
  db:
    image: postgres:17
    ports:
      - "5432:5432"
    privileged: true
"""


def finding(
    text: str = TEXT,
    part: str = '"5432:5432"',
    *,
    file: str = FILE,
    severity: Severity = Severity.ERROR,
    code: str = "SEA101",
    name: str = "fixed-port-in-test",
    what: str = "db takes port 5432 of the host",
    mend: str = "leave the host's port out",
    replaced_by: str | None = None,
) -> Finding:
    """Return a finding over ``part`` of ``text``, with a fix where ``replaced_by`` is given."""
    start = text.index(part)
    span = Span(start, start + len(part))
    lines = Lines(text)
    fix = None if replaced_by is None else Fix((Edit(span, replaced_by),), (("services",),))
    begin, end = lines.position(span.start), lines.position(span.end)
    return Finding(code, name, severity, Path(file), *begin, *end, what, mend, fix)


def privileged() -> Finding:
    """Return a second finding in the same file, a warning."""
    return finding(
        part="true",
        severity=Severity.WARNING,
        code="SEA303",
        name="privileged",
        what="db has all rights over the host",
        mend="name the capabilities that it needs",
    )


def report(*findings: Finding, text: str = TEXT, suppressed: tuple[Finding, ...] = ()) -> Report:
    """Return a report of ``findings``, all in files that hold ``text``."""
    sources = {f.file.as_posix(): text for f in (*findings, *suppressed)}
    return Report(Path("/repository"), findings, suppressed, sources, {"compose": 3})


def silenced(one: Finding, reason: str) -> Finding:
    """Return a finding as a comment or the baseline leaves it."""
    return replace(one, suppressed=reason)
