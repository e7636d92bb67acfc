"""What comes of adding entries to a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wiring:
    """A text with entries ``added``, and those of the fragment that were ``there`` already."""

    text: str
    added: tuple[str, ...] = ()
    there: tuple[str, ...] = ()


def line_end(text: str) -> str:
    """Return how lines of ``text`` end, by its first line."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def ended(text: str, end: str) -> str:
    """Return ``text`` with its last line ended by ``end``."""
    return text if not text or text.endswith("\n") else text + end
