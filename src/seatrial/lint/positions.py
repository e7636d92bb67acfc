"""Offsets in a text to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right

_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """Where the lines of a text begin; lines and columns count from 1, in characters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    @property
    def count(self) -> int:
        """Return how many lines there are; an empty one after the last line ending counts."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of a character."""
        line = bisect_right(self._starts, min(offset, len(self._text)))
        return line, offset - self._starts[line - 1] + 1

    def start(self, line: int) -> int:
        """Return where a line begins; the text's end where there is no such line."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self._text)

    def text(self, line: int) -> str:
        """Return a line without its ending; empty where there is none."""
        return self._text[self.start(line) : self.start(line + 1)].rstrip("\r\n")
