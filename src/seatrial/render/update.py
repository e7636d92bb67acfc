"""What ``update`` says: each file that changes, each that does not and why, what is left to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from seatrial.render.style import Line, Span, Style, glyphs, line, painted
from seatrial.render.text import plural
from seatrial.render.width import one_line
from seatrial.scaffold.fates import Change, Fate, Obstacle, Update

# In the order in which they are read: what happened, what did not, what is left to do.
_WORDS: Mapping[Fate, tuple[str, Style]] = {
    Fate.REPLACED: ("replaced", Style.GOOD),
    Fate.MERGED: ("merged", Style.GOOD),
    Fate.ADDED: ("added", Style.GOOD),
    Fate.REMOVED: ("removed", Style.GOOD),
    Fate.MODE: ("mode", Style.GOOD),
    Fate.DELETED: ("kept away", Style.WARN),
    Fate.ORPHANED: ("kept", Style.WARN),
    Fate.YOURS: ("kept", Style.WARN),
    Fate.LOCKED: ("kept", Style.WARN),
    Fate.NO_TEXT: ("kept", Style.WARN),
    Fate.OBSTRUCTED: ("kept", Style.WARN),
    Fate.CONFLICT: ("conflict", Style.BAD),
}
_OBSTACLES: Mapping[Obstacle, str] = {
    Obstacle.LINK: "a symbolic link is in its place",
    Obstacle.FOLDER: "a folder is in its place",
    Obstacle.SPECIAL: "something that is no file is in its place",
    Obstacle.BEYOND_LINK: "it lies beyond a symbolic link",
    Obstacle.BENEATH_FILE: "a file is where its folder should be",
}
_LOCKERS: Mapping[str, str] = {"uv.lock": "uv lock", "package-lock.json": "npm install"}
_WIDTH = max(len(word) for word, _ in _WORDS.values()) + 2
_DIFF_STYLES = {"+": Style.GOOD, "-": Style.BAD, "@": Style.BUSY}


def update_lines(
    update: Update,
    *,
    dry_run: bool = False,
    uncommitted: tuple[str, ...] | None = (),
    ascii: bool = False,
    colour: bool = False,
) -> list[str]:
    """Return a line for each file that is told, and a summary.

    ``uncommitted`` are files that would be changed and that git could not give back, ``None``
    where git keeps nothing here.
    """
    lines = [_title(update, dry_run, ascii)]
    lines += rows(update)
    lines += _summary(update, dry_run)
    lines += _doubts(update, dry_run, uncommitted)
    return painted(lines, colour)


def rows(update: Update) -> list[Line]:
    """Return a line for each file that is told, those to be looked at last."""
    order = list(_WORDS)
    told = sorted(update.told, key=lambda change: order.index(change.fate))
    return [_row(change) for change in told]


def diff_lines(update: Update, *, colour: bool = False) -> list[str]:
    """Return a unified diff of each file that changes, from what it is to what it becomes."""
    lines: list[Line] = []
    for change in update.writes:
        for text in _diff(change):
            style = _DIFF_STYLES.get(text[:1], Style.PLAIN)
            lines.append(line(Span(one_line(text), style)))
    return painted(lines, colour)


def _title(update: Update, dry_run: bool, ascii: bool) -> Line:
    if not update.told:
        return line(f"the scaffold of seatrial {update.version} is in: no file changes")
    arrow = glyphs(ascii).arrow
    old, new = update.record.version, update.version
    versions = f"scaffold {new}" if old == new else f"scaffold {old} {arrow} {new}"
    return line(Span(f"{versions}, dry run" if dry_run else versions, Style.HEADING))


def _row(change: Change) -> Line:
    word, style = _WORDS[change.fate]
    path, why = one_line(change.path), _why(change)
    if change.marks:
        path = " ".join(f"{path}:{mark}" for mark in change.marks)
    return line(
        Span(f"  {word:<{_WIDTH}}", style), path, Span(f"  {why}" if why else "", Style.QUIET)
    )


def _why(change: Change) -> str:
    match change.fate:
        case Fate.MODE:
            return "can be executed now" if change.executable else "cannot be executed any more"
        case Fate.DELETED:
            return "you have deleted it; the scaffold has changed it"
        case Fate.ORPHANED:
            return "no longer in the scaffold; you have changed it, it is all yours now"
        case Fate.YOURS:
            return "you have made it; the scaffold has a file of this name, too"
        case Fate.LOCKED:
            return f"changed on both sides: run `{_locker(change.path)}`"
        case Fate.NO_TEXT:
            return "no text in UTF-8: what the scaffold has changed is not merged"
        case Fate.OBSTRUCTED if change.held.obstacle is not None:
            return _OBSTACLES[change.held.obstacle]
        case Fate.CONFLICT if not change.writes:
            return "still to be resolved"
        case _:
            return ""


def _locker(path: str) -> str:
    folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
    return _LOCKERS[name] if str(folder) == "." else f"cd {folder} && {_LOCKERS[name]}"


def _summary(update: Update, dry_run: bool) -> Iterator[Line]:
    if not update.told:
        return
    counts: dict[str, int] = {}
    for fate, (word, _) in _WORDS.items():
        number = sum(change.fate is fate for change in update.told)
        if number:
            counts[word] = counts.get(word, 0) + number
    quiet = len(update.changes) - len(update.told)
    said = [f"{number} {word}" for word, number in counts.items()]
    yield line(", ".join([*said, f"{quiet} unchanged"]))
    if dry_run:
        yield line("nothing was written")
    elif update.conflicts:
        marked = plural(len(update.conflicts), "file")
        yield line("next: ", Span(f"resolve what is marked in {marked}; make test", Style.HEADING))
    elif update.writes:
        yield line("next: ", Span("git diff; make test", Style.HEADING))


def _doubts(update: Update, dry_run: bool, uncommitted: tuple[str, ...] | None) -> Iterator[Line]:
    if uncommitted is None and any(change.fate is Fate.MERGED for change in update.told):
        text = "git keeps no history here: what was merged cannot be taken back"
        yield line(Span(text, Style.WARN))
    elif uncommitted and dry_run:
        shown = ", ".join(one_line(path) for path in uncommitted)
        yield line(Span(f"to be committed before, or --allow-dirty: {shown}", Style.WARN))


def _diff(change: Change) -> Iterator[str]:
    before, after = change.held.content, change.content
    if before == after:
        return
    yield from difflib.unified_diff(
        _text(before),
        _text(after),
        "/dev/null" if before is None else f"a/{change.path}",
        "/dev/null" if after is None else f"b/{change.path}",
        lineterm="",
    )


def _text(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").splitlines()
