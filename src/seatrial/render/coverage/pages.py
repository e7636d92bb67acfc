"""The report as pages of HTML: one for all files, one for each, readable without a network."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from seatrial.model.coverage import CoverageReport, FileCoverage, covered
from seatrial.render.covered import percent

INDEX = "index.html"
PAGE_NAME = re.compile(r".+-[0-9a-f]{8}\.html")
# A name of a file may be no longer than 255 bytes.
_READABLE = 80


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source: ``kind`` is ``ran``, ``missed``, ``partly`` or empty for no code."""

    number: int
    text: str
    kind: str
    hits: str


def pages(report: CoverageReport, root: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page. Raises ``OSError`` but for files that are gone."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    engine = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    engine.filters["percent"] = percent
    styles = Markup(_beside("coverage.css"))
    index = engine.from_string(_beside("index.html.j2"))
    rows = [(page_name(file.path), file.path, covered("", [file])) for file in report.files]
    yield (
        INDEX,
        index.render(
            title=root.name, styles=styles, services=report.services, total=report.total, rows=rows
        ),
    )
    template = engine.from_string(_beside("file.html.j2"))
    for file, (name, _, total) in zip(report.files, rows, strict=True):
        lines = source_lines(file, _text(root / file.path))
        yield name, template.render(styles=styles, path=file.path, total=total, lines=lines)


def page_name(path: str) -> str:
    """Return the name of a file's page; no two files have the same."""
    readable = re.sub(r"[^\w.-]", "_", path, flags=re.ASCII)[-_READABLE:]
    return f"{readable}-{hashlib.sha256(path.encode()).hexdigest()[:8]}.html"


def source_lines(file: FileCoverage, text: str) -> Sequence[Line]:
    """Return each line of the source with what became of it."""
    missed_ways = {branch.line for branch, hits in file.branches.items() if not hits}
    lines = []
    for number, source in enumerate(text.splitlines(), start=1):
        hits = file.lines.get(number)
        kind = "" if hits is None else "ran" if hits else "missed"
        if kind == "ran" and number in missed_ways:
            kind = "partly"
        lines.append(Line(number, source, kind, f"{hits}×" if hits else ""))
    return lines


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"({error.strerror})"


def _beside(name: str) -> str:
    return files("seatrial.render.coverage").joinpath(name).read_text(encoding="utf-8")
