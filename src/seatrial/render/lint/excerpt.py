"""The source line of a finding, and where a caret goes under it.

A value that its name or a URL calls secret is shown as ``***``: findings about secrets would print
them else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.lint.model import Finding
from seatrial.lint.positions import Lines
from seatrial.model.redact import secret_values
from seatrial.render.width import cells, clean, fit

_PAIR = re.compile(r"([A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*[\"']?([^\s\"',#]+)")
_URL = re.compile(r"\w+://[^\s\"']+")
_MASK = "***"
# What stands before the caret when a long line is cut.
_BEFORE = 20
_LEAST = 24


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A source line as it is shown; the caret is ``length`` columns, after ``offset`` columns."""

    number: int
    text: str
    offset: int
    length: int


def excerpt(lines: Lines, finding: Finding, width: int, *, ascii: bool = False) -> Excerpt:
    """Return the first line of ``finding`` in at most ``width`` columns, cut around the caret."""
    line = lines.text(finding.line)
    begin = min(finding.column - 1, len(line))
    end = len(line) if finding.end_line > finding.line else min(finding.end_column - 1, len(line))
    shown = _pieces(line)
    offset = cells("".join(shown[:begin]))
    length = max(cells("".join(shown[begin:end])), 1)
    whole = Excerpt(finding.line, "".join(shown).rstrip(), offset, length)
    return _cut(whole, max(width, _LEAST), ".." if ascii else "…")


def masked(text: str) -> str:
    """Return one line of source as it may be shown, with its secret values masked."""
    return "".join(_pieces(text))


def _pieces(line: str) -> list[str]:
    """Return for each character what is shown in its place."""
    pieces = [clean(character) for character in line]
    for begin, end in _secrets(line):
        pieces[begin:end] = [_MASK, *[""] * (end - begin - 1)]
    return pieces


def _secrets(line: str) -> Iterator[tuple[int, int]]:
    """Yield where values begin and end that must not be shown."""
    for found in _PAIR.finditer(line):
        if not found[2].startswith("$") and secret_values({found[1]: found[2]}) == {found[2]}:
            yield found.span(2)
    for found in _URL.finditer(line):
        for password in secret_values({"": found[0]}):
            at = line.find(f":{password}@", found.start())
            if at >= 0 and not password.startswith("$"):
                yield at + 1, at + 1 + len(password)


def _cut(whole: Excerpt, width: int, dots: str) -> Excerpt:
    """Return the part around the caret where the line is too long."""
    if cells(whole.text) <= width and whole.offset + whole.length <= width:
        return whole
    first = max(0, whole.offset - _BEFORE) if whole.offset + whole.length > width else 0
    lead = dots if first else ""
    left = _after(whole.text, first)
    begin = cells(whole.text) - cells(left)
    text = fit(left, width - len(lead), ascii=dots != "…")
    offset = whole.offset - begin + len(lead)
    length = min(whole.length, max(width - len(dots) - offset, 1))
    return Excerpt(whole.number, lead + text, offset, length)


def _after(text: str, columns: int) -> str:
    """Return ``text`` without its first characters, which take ``columns`` or a little more."""
    used = 0
    for index, character in enumerate(text):
        if used >= columns:
            return text[index:]
        used += cells(character)
    return ""
