"""Tests in JavaScript and TypeScript, read as text: what is code, and in which blocks it stands."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

_SKIPPED = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL
)
_LONGEST = 500
_DEEPEST = 50
_SLEEP = re.compile(
    r"await\s+(?:new\s+Promise\s*(?:<[^>]*>)?\(\s*\(?(?P<r>\w+)\)?\s*=>\s*(?:\{\s*)?"
    r"(?:window\.)?setTimeout\(\s*(?P=r)\s*,\s*(?P<a>[\d_]+)"
    r"|(?:sleep|delay|wait|setTimeout|[\w.]+\.waitForTimeout)\(\s*(?P<b>[\d_]+)\s*[,)])"
)
_TEST = re.compile(r"\b(?:it|test|specify)(?:\.\w+)*\s*\([^{}]*$")


def code(text: str) -> str:
    """Return ``text`` with what stands in strings and comments blank, at the same places."""
    return _SKIPPED.sub(lambda found: _blank(found[0]), text)


def without_comments(text: str) -> str:
    """Return ``text`` with comments blank, at the same places."""
    return _SKIPPED.sub(
        lambda found: _blank(found[0]) if found[0].startswith("/") else found[0], text
    )


def sleeps(masked: str) -> Iterator[tuple[int, int, float]]:
    """Yield where each awaited sleep of a fixed time begins and ends, and its seconds."""
    for found in _SLEEP.finditer(masked):
        milliseconds = (found["a"] or found["b"]).replace("_", "")
        yield found.start(), found.end(), int(milliseconds or 0) / 1000


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between ``{`` and ``}``: from where to where, and the ``header`` before it."""

    start: int
    end: int
    header: str
    outer: int | None


class Blocks:
    """The blocks of a text that ``code`` returned."""

    def __init__(self, masked: str) -> None:
        self._blocks: list[Block] = []
        opened: list[int] = []
        before = 0
        for found in re.finditer(r"[;{}]", masked):
            at = found.start()
            if found[0] == "{":
                # The text before one block is never of a book's length.
                header = masked[max(before, at - _LONGEST) : at].strip()
                outer = opened[-1] if opened else None
                opened.append(len(self._blocks))
                self._blocks.append(Block(at, len(masked), header, outer))
            elif found[0] == "}" and opened:
                number = opened.pop()
                self._blocks[number] = replace(self._blocks[number], end=at)
            before = at + 1
        self._starts = [block.start for block in self._blocks]

    def after(self, at: int) -> Block | None:
        """Return the first block that begins behind character ``at``."""
        number = bisect_left(self._starts, at)
        return self._blocks[number] if number < len(self._blocks) else None

    def around(self, at: int) -> list[Block]:
        """Return the blocks that character ``at`` stands in, the innermost first, 50 at most."""
        found: list[Block] = []
        number: int | None = bisect_left(self._starts, at) - 1
        while number is not None and number >= 0 and len(found) < _DEEPEST:
            block = self._blocks[number]
            if block.end > at:
                found.append(block)
            number = block.outer
        return found


def is_test(header: str) -> bool:
    """Return whether a block is a test's own: ``it("…", async () =>``."""
    return _TEST.search(header) is not None


def _blank(text: str) -> str:
    return "".join(sign if sign == "\n" else " " for sign in text)
