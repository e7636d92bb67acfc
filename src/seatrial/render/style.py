"""Styled text without a terminal: spans, the glyphs of a display, and how spans are painted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from seatrial.render.width import cells, fit


class Style(StrEnum):
    """What a span means; the painter knows its colour."""

    PLAIN = ""
    HEADING = "1"
    QUIET = "2"
    GOOD = "32"
    BAD = "31"
    WARN = "33"
    BUSY = "36"
    BLUE = "34"
    MAGENTA = "35"
    VERDICT_GOOD = "1;32"
    VERDICT_BAD = "1;31"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters of one style."""

    text: str
    style: Style = Style.PLAIN


Line: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a display."""

    running: str
    passed: str
    failed: str
    waiting: str
    done: str
    left: str
    arrow: str
    dot: str
    more: str
    flaky: str


UNICODE = Glyphs("●", "✓", "✗", "○", "━", "░", "→", "·", "…", "≈")
ASCII = Glyphs("*", "+", "x", "o", "#", ".", "->", "-", "..", "~")


def glyphs(ascii: bool) -> Glyphs:
    """Return the glyphs that the output can show."""
    return ASCII if ascii else UNICODE


def line(*parts: Span | str) -> Line:
    """Return a line of ``parts``; a bare string is plain."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def text_of(spans: Line) -> str:
    """Return the characters of a line."""
    return "".join(span.text for span in spans)


def cut(spans: Line, width: int, *, ascii: bool = False) -> Line:
    """Return the line in at most ``width`` columns, without trailing spaces."""
    kept: list[Span] = []
    left = width
    for span in spans:
        used = cells(span.text)
        if used > left:
            kept.append(Span(fit(span.text, left, ascii=ascii), span.style))
            break
        kept.append(span)
        left -= used
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1] = Span(kept[-1].text.rstrip(), kept[-1].style)
    return tuple(kept)


def paint(spans: Line, colour: bool) -> str:
    """Return the line as a terminal wants it (ECMA-48 SGR), or its bare characters."""
    if not colour:
        return text_of(spans)
    return "".join(
        f"\x1b[{span.style}m{span.text}\x1b[0m" if span.style and span.text else span.text
        for span in spans
    )


def painted(lines: Iterable[Line], colour: bool) -> list[str]:
    """Return each line painted."""
    return [paint(spans, colour) for spans in lines]
