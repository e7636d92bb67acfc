"""The jobs of a CI run as JSON, and the words around them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.host.diff import Changes, Unknown
from seatrial.insight.matrix import Entry
from seatrial.release.plan import Action, ReleasePlan
from seatrial.render.changed import unknown_text, untouched_text
from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.text import duration, plural
from seatrial.render.update import rows
from seatrial.scaffold.fates import Update

VERSION = 1


def line_of(entries: Sequence[Entry]) -> str:
    """Return one line for ``matrix: ${{ fromJSON(…) }}``; ``{"include":[]}`` where nothing runs."""
    return _dumped({"include": [_row(entry) for entry in entries]})


def images_line(plan: ReleasePlan) -> str:
    """Return the images that a release builds, as :func:`line_of` returns jobs."""
    images = [one.image.name for one in plan.of(Action.BUILD)]
    return _dumped({"include": [{"image": name} for name in images]})


def document(
    entries: Sequence[Entry], answer: Changes | Unknown | None, causes: Mapping[str, str] | None
) -> str:
    """Return all that is known about the jobs, as one JSON document of this ``VERSION``.

    ``answer`` is what changed, ``None`` where nobody asked; ``causes`` say why each suite runs,
    ``None`` where all do.
    """
    rows = [
        {
            **_row(entry),
            "seconds": None if entry.seconds is None else round(entry.seconds, 3),
            "suites": list(entry.suites),
            "because": [causes[suite] for suite in entry.suites] if causes is not None else [],
        }
        for entry in entries
    ]
    known = answer if isinstance(answer, Changes) else None
    told = {
        "version": VERSION,
        "all": causes is None,
        "base": known.base if known else None,
        "commit": known.commit if known else None,
        "unknown": str(answer.reason) if isinstance(answer, Unknown) else None,
        "include": rows,
    }
    return json.dumps(told, indent=2, ensure_ascii=True)


def said(entries: Sequence[Entry], answer: Changes | Unknown | None, asked: str = "") -> str:
    """Return one line about the jobs for people: how many, since when, or why all of them.

    ``asked`` are the words that narrow what was asked for, empty where nothing does.
    """
    if isinstance(answer, Unknown):
        return unknown_text(answer)
    if answer is not None and not entries:
        return untouched_text(answer, f"a suite of {asked}" if asked else "a suite")
    times = [entry.seconds for entry in entries if entry.seconds is not None]
    longest = f", the longest about {duration(max(times))}" if times else ""
    since = f" changed since {answer.base} ({answer.commit[:8]})" if answer is not None else ""
    services = plural(len({entry.service for entry in entries if entry.service}), "service")
    return f"{services}{since}: {plural(len(entries), 'job')}{longest}"


def written_lines(update: Update, *, dry_run: bool, ascii: bool, colour: bool) -> list[str]:
    """Return a line for each workflow that was written, or would be, or is kept as it is."""
    if not update.told:
        return checked_lines(update, ascii=ascii, colour=colour)
    lines = rows(update)
    if dry_run:
        lines.append(line("nothing was written"))
    elif update.conflicts:
        marked = plural(len(update.conflicts), "file")
        lines.append(line("next: ", Span(f"resolve what is marked in {marked}", Style.HEADING)))
    else:
        lines.append(line("next: ", Span("git diff; git add; git commit", Style.HEADING)))
    return painted(lines, colour)


def checked_lines(update: Update, *, ascii: bool, colour: bool) -> list[str]:
    """Return whether the workflows are what they would be if they were made now."""
    marks = glyphs(ascii)
    stale = [change.path for change in update.changes if change.writes or change.marks]
    if not stale:
        there = [change for change in update.changes if change.held.content is not None]
        yours = [change.path for change in there if not change.base or change.base.text is None]
        count = plural(len(there) - len(yours), "file")
        shown: Line = line(Span(f"{marks.passed} ", Style.GOOD), f"the workflows are true: {count}")
        own = [line(Span(f"  your own, and left alone: {path}", Style.QUIET)) for path in yours]
        return painted([shown, *own], colour)
    shown = line(
        Span(f"{marks.failed} ", Style.BAD), f"to be brought up to date: {', '.join(stale)}"
    )
    return painted([shown, line("next: ", Span("seatrial ci write", Style.HEADING))], colour)


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "service": entry.service or "",
        "stages": " ".join(entry.stages),
        "shard": str(entry.shard),
    }


def _dumped(told: object) -> str:
    # ASCII alone, so that a line is a line: some other characters end one as well.
    return json.dumps(told, separators=(",", ":"), ensure_ascii=True)
