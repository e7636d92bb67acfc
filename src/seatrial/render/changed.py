"""The words for what ``--changed`` chose and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from seatrial.host.diff import Changes, How, Reason, Unknown
from seatrial.planning.changed import Touch
from seatrial.render.text import plural
from seatrial.render.width import printable

_HOWS: Mapping[How, str] = {
    How.ADDED: "was added",
    How.CHANGED: "changed",
    How.DELETED: "was deleted",
    How.UNTRACKED: "is new and untracked",
    How.IGNORED: "is ignored by git, so that nobody knows what changed in it",
}
# With the base that was meant, or what git said, for {d}.
_REASONS: Mapping[Reason, str] = {
    Reason.NO_GIT: "there is no git here",
    Reason.NO_REPOSITORY: "this is no git repository",
    Reason.IGNORED: "git ignores this folder",
    Reason.UNBORN: "there is no commit yet",
    Reason.SHALLOW: "this clone is shallow and ends before {d}; fetch more history",
    Reason.UNRELATED: "HEAD and {d} share no commit",
    Reason.ABSENT: "there is no commit {d} here",
    Reason.NO_BASE: "nothing comes before this {d}",
    Reason.FAILED: "git said: {d}",
}


def touch_text(touch: Touch, root: Path) -> str:
    """Return why a suite runs: ``services/web/app.py changed (its service's folder)``."""
    file = printable(_shown(touch.file.path, root))
    return f"{file} {_HOWS[touch.file.how]} ({printable(touch.dependency.why)})"


def unknown_text(unknown: Unknown) -> str:
    """Return one line that says why all suites run."""
    reason = _REASONS[unknown.reason].replace("{d}", printable(unknown.detail) or "its base")
    return f"what changed is unknown, all suites run: {reason}"


def untouched_text(changes: Changes, among: str) -> str:
    """Return one line that says that nothing is to be run; ``among`` is what was asked for."""
    if not changes.files:
        return f"nothing changed since {_base(changes)}; no suite runs"
    return (
        f"{plural(len(changes.files), 'file')} changed since {_base(changes)}, none touches {among}"
    )


def why_lines(causes: Mapping[str, str]) -> list[str]:
    """Return a line for each suite with its cause, in columns."""
    width = max(map(len, causes), default=0)
    return [f"{suite:{width}}  because {cause}" for suite, cause in causes.items()]


def _base(changes: Changes) -> str:
    return f"{printable(changes.base)} ({changes.commit[:8]})"


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
