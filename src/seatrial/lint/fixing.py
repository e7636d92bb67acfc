"""Certain mends: edits of a text, and the proof that nothing else changed."""

from __future__ import annotations

import codecs
import stat
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from seatrial.errors import ConfigError, EnvironmentFailure, Where
from seatrial.host.files import replace_file
from seatrial.lint.comparing import essence
from seatrial.lint.documents import Document
from seatrial.lint.model import Edit, Finding, Span
from seatrial.lint.parsing import document
from seatrial.lint.workspace import Workspace

# A mend may uncover another; more rounds than this mean that two rules mend against each other.
_ROUNDS = 10
_UNSOUND = "the edit would change more than it says"
_OUTSIDE = "the file is a link out of the repository"


@dataclass
class Fixed:
    """What mending came to: texts before and after by path, how many, and what was left out."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    count: int = 0
    kept: dict[str, None] = field(default_factory=dict)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with ``edits`` made, none of which may lie over another."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join((*pieces, text[at:]))


def mend(workspace: Workspace, look: Callable[[], Sequence[Finding]]) -> Fixed:
    """Mend what ``look`` finds, in the workspace, until nothing more is found that can be.

    Nothing is written to disk. A fix that would change more than it says is left out and told of.
    """
    fixed = Fixed()
    for _ in range(_ROUNDS):
        by_file: dict[str, list[Finding]] = {}
        for finding in look():
            if finding.fix is not None and _name(finding) not in fixed.kept:
                by_file.setdefault(finding.file.as_posix(), []).append(finding)
        if not sum([_mend_file(workspace, path, found, fixed) for path, found in by_file.items()]):
            break
    return fixed


def save(workspace: Workspace, fixed: Fixed) -> None:
    """Write the mended files, each whole or not at all; mode and byte order mark stay.

    Raises ``EnvironmentFailure``, the others written, for a file that is no longer what was read.
    """
    changed = []
    for path, text in fixed.after.items():
        file = (workspace.collected.root / path).resolve()
        data = file.read_bytes() if file.is_file() else b""
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        if data == mark + text.encode("utf-8"):
            # Two names of one file.
            continue
        if data != mark + fixed.before[path].encode("utf-8"):
            changed.append(file)
            continue
        mode = file.stat().st_mode
        replace_file(file, mark + text.encode("utf-8"), executable=bool(mode & 0o111))
        file.chmod(stat.S_IMODE(mode))
    if changed:
        what = "changed while lint looked at it, so it is not mended"
        raise EnvironmentFailure(what, where=Where(changed[0]), mend="run it again")


def _mend_file(workspace: Workspace, path: str, findings: Sequence[Finding], fixed: Fixed) -> int:
    """Make the fixes of one file that do not lie over each other; return how many."""
    text = workspace.texts[path]
    root = workspace.collected.root
    if not (root / path).resolve().is_relative_to(root):
        fixed.kept.update((_name(finding, _OUTSIDE), None) for finding in findings)
        return 0
    chosen = _apart(findings)
    if not _is_sound(workspace, path, chosen):
        sound = [finding for finding in chosen if _is_sound(workspace, path, [finding])]
        for finding in chosen:
            if finding not in sound:
                fixed.kept[_name(finding)] = None
        chosen = sound if _is_sound(workspace, path, sound) else sound[:1]
    if not chosen:
        return 0
    fixed.before.setdefault(path, text)
    fixed.after[path] = _mended(text, chosen)
    fixed.count += len(chosen)
    workspace.put(path, fixed.after[path])
    return len(chosen)


def _apart(findings: Sequence[Finding]) -> list[Finding]:
    """Return the fixes that do not lie over an earlier one; the others come in the next round."""
    taken: list[Span] = []
    chosen = []
    for finding in findings:
        spans = [edit.span for edit in finding.fix.edits] if finding.fix else []
        if not any(_is_taken(span, taken) for span in spans):
            for span in spans:
                insort(taken, span)
            chosen.append(finding)
    return chosen


def _is_taken(span: Span, taken: list[Span]) -> bool:
    """Return whether ``span`` lies over one of ``taken``, which are in order, or is one of them.

    None of those lies over another, so only the nearest can be in the way.
    """
    at = bisect_left(taken, span)
    return any(
        other == span or (span.start < other.end and other.start < span.end)
        for other in taken[max(at - 2, 0) : at + 2]
    )


def _is_sound(workspace: Workspace, path: str, findings: Sequence[Finding]) -> bool:
    """Return whether the fixes together change the file, and only in what they name."""
    text = workspace.texts[path]
    mended = _mended(text, findings)
    if not findings or mended == text:
        return not findings
    if path not in workspace:
        # Nothing here reads such a file, so nothing can be proved of it.
        return False
    changes = [change for finding in findings if finding.fix for change in finding.fix.changes]
    try:
        before, after = _parsed(workspace, path, text), _parsed(workspace, path, mended)
    except ConfigError:
        return False
    return bool(essence(before, changes) == essence(after, changes))


def _mended(text: str, findings: Iterable[Finding]) -> str:
    return apply(text, [e for f in findings if f.fix is not None for e in f.fix.edits])


def _parsed(workspace: Workspace, path: str, text: str) -> Document:
    collected = workspace.collected
    kind = collected.kinds[path]
    return document(path, text, kind, workspace.repository, collected.stages)


def _name(finding: Finding, why: str = _UNSOUND) -> str:
    return f"{finding.file.as_posix()}:{finding.line}: {finding.code} is not mended: {why}"
