"""Certain mends: edits of a text, and the proof that nothing else changed."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.lint.model import Edit


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with ``edits`` made, none of which may lie over another."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join((*pieces, text[at:]))
