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

# A name and its value: to the closing quote, the end of a flow entry or a comment. Names are looked
# for within values, too: `environment: A_TOKEN=…`.
_PAIR = re.compile(
    r"(?<![\w.-])(?<!\$\{)([A-Za-z_][\w.-]*)(?=[\"']?\s*[:=]\s*"
    r"(?:\"([^\"]+)|'([^']+)|([^\s\"',#\]}[{][^\"',#\]}]*)))"
)
# The older form of a Dockerfile.
_ENV = re.compile(r"^\s*ENV\s+([A-Za-z_]\w*)\s+([^\s=].*)")
# What a variable is taken for where it is not set.
_DEFAULT = re.compile(r"\$\{\w+:?-([^}]+)\}?")
_URL = re.compile(r"\w+://[^\s\"']+")
_MASK = "***"
# What stands before the caret when a long line is cut.
_BEFORE = 20
_LEAST = 24
# A line that is longer was written by no person.
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A source line as it is shown; the caret is ``length`` columns, after ``offset`` columns."""

    number: int
    text: str
    offset: int
    length: int


def excerpt(lines: Lines, finding: Finding, width: int, *, ascii: bool = False) -> Excerpt:
    """Return the first line of ``finding`` in at most ``width`` columns, cut around the caret."""
    line = lines.text(finding.line)[:_LONGEST]
    begin = min(finding.column - 1, len(line))
    end = len(line) if finding.end_line > finding.line else min(finding.end_column - 1, len(line))
    shown = _pieces(line)
    offset = cells("".join(shown[:begin]))
    length = max(cells("".join(shown[begin:end])), 1)
    whole = Excerpt(finding.line, "".join(shown).rstrip(), offset, length)
    return _cut(whole, max(width, _LEAST), ".." if ascii else "…")


def _pieces(line: str) -> list[str]:
    """Return for each character what is shown in its place."""
    hidden = {at for begin, end in _secrets(line) for at in range(begin, end)}
    return [
        clean(character) if at not in hidden else "" if at - 1 in hidden else _MASK
        for at, character in enumerate(line)
    ]


def masked(line: str) -> str:
    """Return a line with the values that must not be shown as ``***``."""
    return "".join(_pieces(line))


def _secrets(line: str) -> Iterator[tuple[int, int]]:
    """Yield where values begin and end that must not be shown."""
    for found in (*_PAIR.finditer(line), *_ENV.finditer(line)):
        name, value = found[1], found[found.lastindex or 0].rstrip()
        if secret_values({name: value}) != {value}:
            continue
        begin = found.start(found.lastindex or 0)
        if not value.startswith("$"):
            yield begin, begin + len(value)
        elif default := _DEFAULT.match(line, begin):
            yield default.span(1)
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
