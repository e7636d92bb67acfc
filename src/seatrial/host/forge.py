"""What a CI system of GitHub's kind says about the event that started it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REMOTE = "refs/remotes/origin/"


@dataclass(frozen=True, slots=True)
class Before:
    """What the commits of an ``event`` are compared with.

    ``ref`` is a ref or the hash of a commit, empty where the event has nothing before it.
    ``is_new`` says that a branch was made: then it is compared with the default branch.
    """

    event: str
    ref: str = ""
    is_new: bool = False


def before(environment: Mapping[str, str]) -> Before | None:
    """Return what the event is compared with; ``None`` where no such CI system runs.

    A pull request is compared with the branch that it goes to, a push with what was there before
    it. Other events, a schedule or a person's click, have no base.
    """
    event = environment.get("GITHUB_EVENT_NAME", "")
    if environment.get("GITHUB_ACTIONS") != "true" or not event:
        return None
    if branch := environment.get("GITHUB_BASE_REF"):
        return Before(event, f"{_REMOTE}{branch}")
    if event != "push":
        return Before(event)
    commit = _pushed_over(environment.get("GITHUB_EVENT_PATH", ""))
    if commit and not commit.strip("0"):
        return Before(event, is_new=True)
    return Before(event, commit)


def _pushed_over(path: str) -> str:
    """Return the commit that was there before a push; empty where the event does not tell."""
    try:
        event = json.loads(Path(path).read_bytes())
    except (OSError, ValueError):
        return ""
    commit = event.get("before") if isinstance(event, dict) else None
    return commit if isinstance(commit, str) and _HASH.fullmatch(commit) else ""
