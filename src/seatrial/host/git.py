"""What git knows about a folder, read from its files: no program is started for that.

Only where HEAD stands in a form that files do not tell (the reftable format) is git asked.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import DeadlinePassed, RuntimeMissing

if TYPE_CHECKING:
    from seatrial.host.processes import Processes

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Head:
    """What is checked out: a ``branch``, or a ``commit`` where HEAD is detached."""

    branch: str | None = None
    commit: str | None = None

    def __str__(self) -> str:
        return self.branch or (f"at-{self.commit[:8]}" if self.commit else "")


def toplevel(folder: Path) -> Path | None:
    """Return the top of the work tree that ``folder`` lies in."""
    return next((at for at in (folder, *folder.parents) if _git_folder(at) is not None), None)


def is_repo(folder: Path) -> bool:
    """Return whether ``folder`` lies in a git work tree."""
    return toplevel(folder) is not None


def head(folder: Path) -> Head | None:
    """Return what is checked out around ``folder``; ``None`` outside of git."""
    top = toplevel(folder)
    git_folder = _git_folder(top) if top else None
    if top is None or git_folder is None:
        return None
    try:
        text = (git_folder / "HEAD").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return Head()
    if _COMMIT.fullmatch(text):
        return Head(commit=text)
    branch = text.removeprefix("ref: refs/heads/")
    if branch == text or branch == ".invalid":
        return _ask(top)
    return Head(branch=branch)


def checked_out(folder: Path) -> tuple[str, str]:
    """Return branch and commit of what is checked out around ``folder``; empty what is not known.

    A new branch has no commit yet, a detached HEAD no branch.
    """
    at = head(folder)
    top = toplevel(folder)
    git_folder = _git_folder(top) if top else None
    if at is None or git_folder is None:
        return "", ""
    commit = at.commit or (_commit_of(git_folder, f"refs/heads/{at.branch}") if at.branch else "")
    return at.branch or "", commit


def ignored(top: Path) -> tuple[str, ...]:
    """Return what git ignores below ``top``, relative to it; folders end with a slash.

    Nothing where ``top`` lies in no work tree, or git cannot be asked.
    """
    if not is_repo(top):
        return ()
    argv = ["git", "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        answer = subprocess.run(
            argv, cwd=top, env=_own(), capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    names = answer.stdout.decode("utf-8", "surrogateescape").split("\0")
    return tuple(name for name in names if name) if answer.returncode == 0 else ()


async def make_repo(folder: Path, processes: Processes) -> str:
    """Make a git repository of ``folder``; return why there is none, nothing where there is.

    Names of other repositories in the environment, as a hook of git sets them, do not count.
    """
    elsewhere = {name: None for name in processes.environment if name.startswith("GIT_")}
    try:
        done = await processes.run(
            ["git", "init", "--quiet"], cwd=folder, env=elsewhere, timeout=_SECONDS
        )
    except RuntimeMissing:
        return "there is no git here"
    except DeadlinePassed:
        return "git init did not end"
    said = done.err.strip().splitlines() or [f"git init ended with {done.code}"]
    return "" if done.ok else said[-1]


def _own() -> dict[str, str]:
    """Return the environment without what a hook of git says about its own repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _git_folder(top: Path) -> Path | None:
    """Return where HEAD is: ``.git``, or what the file ``.git`` of a linked work tree names."""
    dot = top / ".git"
    try:
        if (dot / "HEAD").exists():
            return dot
        text = dot.read_text(encoding="utf-8", errors="replace") if dot.is_file() else ""
    except OSError:
        return None
    if not text.startswith("gitdir:"):
        return None
    return top / text.removeprefix("gitdir:").strip()


def _commit_of(git_folder: Path, ref: str) -> str:
    """Return the commit that ``ref`` names, from its own file or the packed ones."""
    try:
        # A linked work tree has its own HEAD, and the branches of the one that it was made from.
        common = git_folder / (git_folder / "commondir").read_text(encoding="utf-8").strip()
    except OSError:
        common = git_folder
    with suppress(OSError, ValueError):
        text = (common / ref).read_text(encoding="ascii").strip()
        return text if _COMMIT.fullmatch(text) else ""
    with suppress(OSError):
        for line in (common / "packed-refs").read_text(errors="replace").splitlines():
            commit, _, name = line.partition(" ")
            if name == ref and _COMMIT.fullmatch(commit):
                return commit
    return ""


def _ask(top: Path) -> Head:
    for argv, field in (
        (["git", "symbolic-ref", "--quiet", "--short", "HEAD"], "branch"),
        (["git", "rev-parse", "--verify", "--quiet", "HEAD"], "commit"),
    ):
        try:
            answer = subprocess.run(
                argv, cwd=top, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return Head()
        if answer.returncode == 0 and answer.stdout.strip():
            return Head(**{field: answer.stdout.strip()})
    return Head()
