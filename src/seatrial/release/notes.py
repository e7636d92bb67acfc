"""Notes of a release, from the subjects of its commits. Pure.

What a commit says is somebody's text: it is shown as text, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from seatrial.host.commits import Commit
from seatrial.release.version import ReleaseTag

_PREFIX = re.compile(
    r"(?P<kind>[a-z]+)(?:\((?P<scope>[^()\s]+)\))?(?P<breaks>!)?:\s+(?P<text>\S.*)"
)
_BREAKING = re.compile(r"^BREAKING[ -]CHANGE:", re.MULTILINE)
_TITLES = {
    "feat": "Added",
    "fix": "Fixed",
    "perf": "Faster",
    "security": "Security",
    "revert": "Taken back",
    "docs": "Documentation",
}
_BREAKS, _OTHERS = "Changed so that something must be done", "Other changes"
_ALL = "Changes"
# Everything that Markdown or HTML would make something of.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#!~&@])")
# What begins a list within a list.
_ITEM = re.compile(r"^([0-9]*)([-+.)])(?=\s|$)")
_SHORT = 12


def notes(
    tag: ReleaseTag,
    previous: ReleaseTag | None,
    commits: Sequence[Commit],
    date: str,
    *,
    shallow: bool = False,
) -> str:
    """Return the notes in Markdown; ``date`` is the day of the release as ``YYYY-MM-DD``.

    Commits are grouped where their subjects have the prefixes of Conventional Commits, else they
    are one list. In a ``shallow`` clone nobody knows whether there was a release before.
    """
    lines = [f"# {tag.name} ({date})", ""]
    cut = "The history was cut when it was cloned. What is known of it:"
    first = cut if shallow else "The first release."
    lines += [f"Since {previous.name}:" if previous else first, ""]
    groups = _groups(commits)
    for title in (_BREAKS, *_TITLES.values(), _OTHERS):
        if title in groups:
            shown = _ALL if list(groups) == [_OTHERS] else title
            lines += [f"## {shown}", "", *groups[title], ""]
    if not groups:
        lines += ["No commit.", ""]
    return "\n".join(lines)


def _groups(commits: Sequence[Commit]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for commit in commits:
        found = _PREFIX.fullmatch(commit.subject)
        known = found is not None and found["kind"] in _TITLES
        title = _TITLES[found["kind"]] if found is not None and known else _OTHERS
        text = commit.subject
        if found is not None and known:
            scope = f"{found['scope']}: " if found["scope"] else ""
            text = scope + found["text"]
        if (found is not None and found["breaks"]) or _BREAKING.search(commit.body):
            title = _BREAKS
        groups.setdefault(title, []).append(f"- {plain(text)} ({commit.id[:_SHORT]})")
    return groups


def plain(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, on one line."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    marked = _MARKUP.sub(r"\\\1", " ".join(printable.split()))
    return _ITEM.sub(r"\1\\\2", marked)
