"""The report as Cobertura XML, which CI systems show beside changed lines.

A folder is a package, a file is a class; the elements are those of Cobertura's ``coverage-04.dtd``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as Xml

from seatrial.model.coverage import CoverageReport, Covered, FileCoverage, covered

# What XML 1.0 has no way to hold, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">\n'


def cobertura(report: CoverageReport, root: Path, at: float) -> str:
    """Return the document; ``at`` is the moment of the report in seconds since the epoch."""
    document = Xml.Element("coverage", _totals(report.total, at))
    Xml.SubElement(Xml.SubElement(document, "sources"), "source").text = _held(str(root))
    packages = Xml.SubElement(document, "packages")
    folders: dict[str, list[FileCoverage]] = {}
    for file in report.files:
        folders.setdefault(str(PurePosixPath(file.path).parent), []).append(file)
    for folder, files in folders.items():
        packages.append(_package(folder, files))
    Xml.indent(document)
    text = Xml.tostring(document, encoding="unicode")
    return f'<?xml version="1.0" ?>\n{_DOCTYPE}{text}\n'


def _totals(total: Covered, at: float) -> dict[str, str]:
    return {
        **_rates(total),
        "lines-covered": str(total.lines_covered),
        "lines-valid": str(total.lines),
        "branches-covered": str(total.branches_covered),
        "branches-valid": str(total.branches),
        "complexity": "0",
        "version": "seatrial",
        "timestamp": str(int(at * 1000)),
    }


def _rates(total: Covered) -> dict[str, str]:
    branches = total.branches_covered / total.branches if total.branches else 0.0
    return {"line-rate": f"{total.rate:.4g}", "branch-rate": f"{branches:.4g}"}


def _package(folder: str, files: Iterable[FileCoverage]) -> Xml.Element:
    files = list(files)
    name = _held("." if folder == "." else folder.replace("/", "."))
    attributes = {"name": name, **_rates(covered("", files)), "complexity": "0"}
    package = Xml.Element("package", attributes)
    classes = Xml.SubElement(package, "classes")
    for file in files:
        classes.append(_class(file))
    return package


def _class(file: FileCoverage) -> Xml.Element:
    rates = _rates(covered("", [file]))
    name = _held(PurePosixPath(file.path).name)
    one = Xml.Element("class", {"name": name, "filename": _held(file.path), **rates,
                                "complexity": "0"})  # fmt: skip
    Xml.SubElement(one, "methods")
    lines = Xml.SubElement(one, "lines")
    ways: dict[int, list[int]] = {}
    for branch, hits in file.branches.items():
        ways.setdefault(branch.line, []).append(hits)
    for number, hits in sorted(file.lines.items()):
        line = Xml.SubElement(lines, "line", {"number": str(number), "hits": str(hits)})
        if number in ways:
            taken, there = sum(hits > 0 for hits in ways[number]), len(ways[number])
            line.set("branch", "true")
            line.set("condition-coverage", f"{100 * taken // there}% ({taken}/{there})")
    return one


def _held(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
