"""How many columns a text takes, and how to make it take fewer.

East Asian wide and fullwidth characters take two (Unicode Standard Annex 11), combining marks and
format characters none. Where a terminal counts an emoji otherwise, the painter's switched-off
line wrap keeps the line a line.
"""

from __future__ import annotations

import re
import unicodedata

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
# C0 and C1 controls without the tab and the line feed; bidirectional overrides can make a line
# read as what it is not.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def cells(text: str) -> int:
    """Return the number of terminal columns that ``text`` (no controls) takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


def clean(text: str) -> str:
    """Return ``text`` without escape sequences and controls, tabs as four spaces; lines stay."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROLS.sub("", _ESCAPES.sub("", text).replace("\t", "    "))


def one_line(text: str) -> str:
    """Return ``text`` cleaned, its line ends as spaces."""
    return clean(text).replace("\n", " ")


def printable(text: str) -> str:
    """Return a file's name on one line, odd bytes and all, as what a terminal can show."""
    return one_line(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def fit(text: str, width: int, *, middle: bool = False, ascii: bool = False) -> str:
    """Return ``text`` in at most ``width`` columns, an ellipsis where something was cut.

    ``middle`` keeps both ends, as names that share a prefix want.
    """
    if width <= 0:
        return ""
    if cells(text) <= width:
        return text
    dots = ".." if ascii else "…"
    room = width - len(dots)
    if room <= 0:
        return dots[:width]
    if not middle:
        return _head(text, room) + dots
    tail = _head(text[::-1], room // 2)[::-1]
    return _head(text, room - cells(tail)) + dots + tail


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return ``text`` filled with spaces up to ``width`` columns."""
    fill = " " * (width - cells(text))
    return fill + text if right else text + fill


def _head(text: str, width: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return text[:index]
    return text


def _cell(character: str) -> int:
    if character < "\x7f":
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
