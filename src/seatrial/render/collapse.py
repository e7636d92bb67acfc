"""Which lines of a board are shown where its height does not suffice. Pure.

Running and failed suites come first, then those whose environment boots, then passed ones, then
what waits. What is left out of a stage is counted in a line of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seatrial.render.style import Glyphs, Line, Span, Style, line

Entry: TypeAlias = tuple[tuple[int, str], tuple[Line, ...]]


@dataclass(frozen=True, slots=True)
class Section:
    """A stage: its title, and each suite's rank, kind and lines."""

    head: Line
    entries: tuple[Entry, ...]


def collapsed(sections: Sequence[Section], height: int, glyphs: Glyphs) -> list[Line]:
    """Return at most ``height`` lines that say the most."""
    everything = [set(range(len(section.entries))) for section in sections]
    for blanks, details in ((True, True), (False, True), (False, False)):
        lines = _lines(sections, everything, glyphs, blanks=blanks, details=details)
        if len(lines) <= height:
            return lines
    if 2 * len(sections) > height:
        return [_stage_in_a_line(section) for section in sections][:height]
    chosen = _chosen(sections, height, details=True)
    details = all(
        index in shown or entry[0][0] > 0
        for section, shown in zip(sections, chosen, strict=True)
        for index, entry in enumerate(section.entries)
    )
    if not details:
        chosen = _chosen(sections, height, details=False)
    return _lines(sections, chosen, glyphs, blanks=False, details=details)


def _chosen(sections: Sequence[Section], height: int, *, details: bool) -> list[set[int]]:
    """Return which entries of each section fit when the most important are taken first."""
    # Of what passed, the later stage's is news.
    ranked = sorted(
        (entry[0][0], -s if entry[0][1] == "passed" else s, e, s)
        for s, section in enumerate(sections)
        for e, entry in enumerate(section.entries)
    )
    chosen: list[set[int]] = [set() for _ in sections]
    left = height - 2 * len(sections)
    for *_, e, s in ranked:
        entries = sections[s].entries
        # A section's last one takes the place of the line that counts what is left out.
        completes = len(chosen[s]) + 1 == len(entries)
        cost = (len(entries[e][1]) if details else 1) - completes
        if cost <= left:
            chosen[s].add(e)
            left -= cost
    return chosen


def _lines(
    sections: Sequence[Section],
    chosen: Sequence[set[int]],
    glyphs: Glyphs,
    *,
    blanks: bool,
    details: bool,
) -> list[Line]:
    lines: list[Line] = []
    for section, shown in zip(sections, chosen, strict=True):
        if blanks and lines:
            lines.append(())
        lines.append(section.head)
        for index, (_, entry) in enumerate(section.entries):
            if index in shown:
                lines += entry if details else entry[:1]
        hidden = [e for i, e in enumerate(section.entries) if i not in shown]
        if shown and hidden:
            text = f"  {glyphs.more} and {_kinds(hidden, ' more')}"
            lines.append(line(Span(text, Style.QUIET)))
        elif hidden:
            lines.append(line("  ", _mark(hidden, glyphs), Span(f" {_kinds(hidden)}", Style.QUIET)))
    return lines


def _mark(entries: Iterable[Entry], glyphs: Glyphs) -> Span:
    """Return the glyph of a whole stage: its worst, or that it waits."""
    kinds = {kind for (_, kind), _ in entries}
    if "failed" in kinds:
        return Span(glyphs.failed, Style.BAD)
    if "running" in kinds:
        return Span(glyphs.running, Style.BUSY)
    return Span(glyphs.passed, Style.GOOD) if kinds == {"passed"} else Span(glyphs.waiting)


def _stage_in_a_line(section: Section) -> Line:
    return (*section.head, Span(f"  {_kinds(section.entries)}", Style.QUIET))


def _kinds(entries: Iterable[Entry], more: str = "") -> str:
    """Return how many there are of each kind: ``41 more pending, 3 passed``."""
    kinds = Counter(kind for (_, kind), _ in entries)
    words = []
    for kind in ("failed", "running", "pending", "passed", "not run"):
        if kinds[kind]:
            words.append(f"{kinds[kind]}{more} {kind}")
            more = ""
    return ", ".join(words)
