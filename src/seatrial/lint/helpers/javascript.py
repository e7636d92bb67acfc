"""Tests in JavaScript and TypeScript, read as text: what is code, and in which blocks it stands."""

from __future__ import annotations

import re

_SKIPPED = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL
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


def headers(masked: str, at: int) -> list[tuple[str, int]]:
    """Return the blocks that ``at`` stands in, innermost first: what is before each, and where.

    ``masked`` is what ``code`` returned.
    """
    found, depth = [], 0
    for place in range(at - 1, -1, -1):
        sign = masked[place]
        if sign == "}":
            depth += 1
        elif sign == "{":
            if depth:
                depth -= 1
            else:
                begin = max(masked.rfind(end, 0, place) for end in ";{}")
                found.append((masked[begin + 1 : place].strip(), place))
    return found


def block_end(masked: str, begin: int) -> int:
    """Return where the block that opens at ``begin`` ends."""
    depth = 0
    for place in range(begin, len(masked)):
        if masked[place] == "{":
            depth += 1
        elif masked[place] == "}":
            depth -= 1
            if depth == 0:
                return place
    return len(masked)


def is_test(header: str) -> bool:
    """Return whether a block is a test's own: ``it("…", async () =>``."""
    return _TEST.search(header) is not None


def _blank(text: str) -> str:
    return "".join(sign if sign == "\n" else " " for sign in text)
