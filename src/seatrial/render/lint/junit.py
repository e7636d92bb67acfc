"""Findings as JUnit XML: a suite a file, in it a test case a rule, whose name does not move.

CI systems compare runs by the names of test cases, so that no name holds a line. Errors and
warnings are failures, notes pass and say so, what is suppressed is skipped with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as Xml

from seatrial.lint.model import Finding, Report, Severity
from seatrial.render.junit import child, xml_text
from seatrial.render.lint.counts import count_line
from seatrial.render.lint.text import place


def lint_junit(report: Report) -> str:
    """Return the report as XML. Without a finding there is one case that passes."""
    root = Xml.Element("testsuites", name="seatrial lint")
    every = sorted((*report.findings, *report.suppressed), key=_order)
    for file, findings in groupby(every, key=lambda finding: finding.file.as_posix()):
        root.append(_suite(file, findings))
    if not every:
        suite = Xml.SubElement(root, "testsuite", name="seatrial lint")
        Xml.SubElement(suite, "testcase", classname="seatrial lint", name=count_line(report))
        _count(suite)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True)


def _order(finding: Finding) -> tuple[str, str, int, int]:
    return finding.file.as_posix(), finding.code, finding.line, finding.column


def _suite(file: str, findings: Iterable[Finding]) -> Xml.Element:
    suite = Xml.Element("testsuite", name=xml_text(file))
    for _, found in groupby(findings, key=lambda finding: finding.code):
        suite.append(_case(file, list(found)))
    _count(suite)
    return suite


def _case(file: str, findings: list[Finding]) -> Xml.Element:
    """Return the case of one rule in one file; what stands decides, else what is suppressed."""
    first = findings[0]
    case = Xml.Element(
        "testcase", classname=xml_text(file), name=f"{first.code} {first.name}", time="0.000"
    )
    open_ones = [finding for finding in findings if not finding.suppressed]
    failing = [finding for finding in open_ones if finding.severity is not Severity.NOTE]
    shown = failing or open_ones
    if failing:
        child(case, "failure", _message(failing), _text(failing), str(failing[0].severity))
    elif open_ones:
        Xml.SubElement(case, "system-out").text = xml_text(_text(shown))
    else:
        Xml.SubElement(case, "skipped", message=xml_text(first.suppressed))
    return case


def _message(findings: list[Finding]) -> str:
    more = f" (+{len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{place(findings[0])}: {findings[0].what}{more}"


def _text(findings: list[Finding]) -> str:
    return "\n".join(
        f"{place(finding)}: {finding.severity} {finding.what}"
        + (f"\n  help: {finding.mend}" if finding.mend else "")
        for finding in findings
    )


def _count(suite: Xml.Element) -> None:
    kinds = {"failures": "failure", "skipped": "skipped"}
    suite.set("tests", str(len(suite)))
    for name, tag in kinds.items():
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("errors", "0")
    suite.set("time", "0.000")
