"""What changed in a git work tree since a base: commits, staged and unstaged work, new files."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from seatrial.errors import UsageError
from seatrial.host import git

_SECONDS = 60.0
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHOWN_REFS = 12
# What a hook of git sets names the repository of the hook, which need not be this one.
_OTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
)
# Settings of the user's that would hide changes, and options that outdo them.
_PLAIN = ("-c", "diff.relative=false", "-c", "core.quotePath=false")
_DIFF = ("diff", "--no-ext-diff", "--no-renames", "--ignore-submodules=none", "--name-status", "-z")


class How(StrEnum):
    """What became of a file; a rename is one deleted and one added.

    Of what git ignores nobody knows whether it changed.
    """

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    UNTRACKED = "untracked"
    IGNORED = "ignored"


class Reason(StrEnum):
    """Why nobody can say what changed."""

    NO_GIT = "no-git"
    NO_REPOSITORY = "no-repository"
    IGNORED = "ignored-by-git"
    UNBORN = "no-commit"
    SHALLOW = "shallow-clone"
    UNRELATED = "no-merge-base"
    ABSENT = "commit-not-here"
    NO_BASE = "no-base"
    FAILED = "git-failed"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file, or a submodule, by its absolute path."""

    path: Path
    how: How


@dataclass(frozen=True, slots=True)
class Changes:
    """All ``files`` that differ from ``commit``, where the work left ``base`` (a name)."""

    base: str
    commit: str
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no answer; ``detail`` is the base that was meant, or what git said."""

    reason: Reason
    detail: str = ""


def changed_files(
    root: Path, base: str | None, environment: Mapping[str, str], folders: Iterable[Path] = ()
) -> Changes | Unknown:
    """Return what changed in the work tree around ``root`` since the merge base with ``base``.

    Those of ``folders`` that git ignores, such as other repositories in this one, are told as well.

    Without ``base`` it is the default branch of ``origin``, else ``main`` or ``master`` where
    another branch is checked out, else HEAD: work that is not committed. Raises ``UsageError`` for
    a base that is no commit.
    """
    top = git.toplevel(root)
    if top is None:
        return Unknown(Reason.NO_REPOSITORY)
    try:
        ask = _Git(top, environment)
        answer = _compared(ask, root, base)
        if isinstance(answer, Changes):
            unseen = (ChangedFile(path, How.IGNORED) for path in _ignored(ask, folders))
            answer = replace(answer, files=(*answer.files, *unseen))
        return answer
    except FileNotFoundError:
        return Unknown(Reason.NO_GIT)
    except (OSError, subprocess.SubprocessError) as error:
        return Unknown(Reason.FAILED, str(error))
    except _Failed as error:
        return Unknown(Reason.FAILED, str(error))


def content_before(changes: Changes, path: Path, environment: Mapping[str, str]) -> bytes:
    """Return what the file ``path`` held where the work left the base; nothing if that fails."""
    top = git.toplevel(path.parent)
    if top is None:
        return b""
    try:
        name = f"{changes.commit}:{path.relative_to(top).as_posix()}"
        return os.fsencode(_Git(top, environment).ask("cat-file", "blob", name) or "")
    except (OSError, subprocess.SubprocessError, _Failed):
        return b""


class _Failed(Exception):
    """Git ended with an error, which is the message."""


class _Git:
    def __init__(self, top: Path, environment: Mapping[str, str]) -> None:
        self.top = top
        kept = {k: v for k, v in environment.items() if k not in _OTHER_REPOSITORY}
        self._environment = {
            **kept,
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }

    def ask(self, *words: str, given: bytes = b"") -> str | None:
        """Return what git prints, ``None`` where the answer is no; it reads what is ``given``."""
        done = subprocess.run(
            ["git", *_PLAIN, *words],
            cwd=self.top,
            env=self._environment,
            input=given,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode == 0:
            return os.fsdecode(done.stdout)
        if done.returncode == 1:
            return None
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _Failed(said[0] if said else f"git {words[0]} ended with {done.returncode}")

    def commit(self, name: str) -> str | None:
        """Return the commit that ``name`` means."""
        if name.startswith("-"):
            return None
        found = self.ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return found.strip() if found else None

    def names(self, *words: str) -> list[str]:
        """Return an answer of names that end in NUL."""
        return [name for name in (self.ask(*words) or "").split("\0") if name]


def _compared(ask: _Git, root: Path, base: str | None) -> Changes | Unknown:
    if root != ask.top and ask.ask("check-ignore", "--quiet", str(root)) is not None:
        return Unknown(Reason.IGNORED)
    head = ask.commit("HEAD")
    if head is None:
        return Unknown(Reason.UNBORN)
    shallow = (ask.ask("rev-parse", "--is-shallow-repository") or "").strip() == "true"
    name = base if base is not None else _default(ask, root)
    commit = ask.commit(name) if name else None
    if commit is None:
        return _absent(ask, name, shallow)
    shown = name.removeprefix("refs/remotes/").removeprefix("refs/heads/")
    fork = (ask.ask("merge-base", "HEAD", commit) or "").strip()
    if not fork:
        return Unknown(Reason.SHALLOW if shallow else Reason.UNRELATED, shown)
    if base is None and shallow and fork == head:
        # Not even one commit to compare: that nothing changed would be a guess.
        return Unknown(Reason.SHALLOW, shown)
    files = {file.path: file for file in _files(ask, fork)}
    return Changes(shown, fork, tuple(files[path] for path in sorted(files)))


def _ignored(ask: _Git, folders: Iterable[Path]) -> list[Path]:
    """Return those of ``folders`` that git ignores; none where it cannot tell, as in submodules."""
    names = {os.fspath(path.relative_to(ask.top)): path for path in _within(ask.top, folders)}
    try:
        given = os.fsencode("".join(f"{name}\0" for name in names))
        said = ask.ask("check-ignore", "-z", "--stdin", given=given) if names else ""
    except _Failed:
        return []
    return [names[name] for name in (said or "").split("\0") if name]


def _within(top: Path, folders: Iterable[Path]) -> Iterator[Path]:
    return (path for path in folders if path != top and path.is_relative_to(top))


def _default(ask: _Git, root: Path) -> str:
    for name in ("HEAD", "main", "master"):
        if ask.commit(f"refs/remotes/origin/{name}"):
            return f"refs/remotes/origin/{name}"
    here = git.head(root)
    for name in ("main", "master"):
        if (here is None or here.branch != name) and ask.commit(f"refs/heads/{name}"):
            return f"refs/heads/{name}"
    return "HEAD"


def _absent(ask: _Git, name: str, shallow: bool) -> Unknown:
    if _HASH.fullmatch(name):
        return Unknown(Reason.ABSENT, name)
    stem = re.split(r"[~^@:]", name, maxsplit=1)[0]
    if shallow and stem not in ("", name) and ask.commit(stem):
        return Unknown(Reason.SHALLOW, name)
    kinds = ("refs/heads", "refs/remotes", "refs/tags")
    refs = (ask.ask("for-each-ref", "--format=%(refname:short)", *kinds) or "").split()
    near = difflib.get_close_matches(name, refs, n=3, cutoff=0.5)
    guess = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    there = ", ".join(refs[:_SHOWN_REFS]) + (", …" if len(refs) > _SHOWN_REFS else "")
    raise UsageError(f"--base: {name!r} is no commit", mend=f"{guess}there are: {there or 'none'}")


def _files(ask: _Git, fork: str) -> Iterator[ChangedFile]:
    # What is staged counts also where the work tree has it otherwise; the work tree goes last.
    for stage in (("--cached",), ()):
        answer = ask.names(*_DIFF, *stage, fork, "--")
        for letter, name in zip(answer[::2], answer[1::2], strict=True):
            how = {"A": How.ADDED, "D": How.DELETED}.get(letter[0], How.CHANGED)
            yield ChangedFile(ask.top / name, how)
    for name in ask.names("ls-files", "-z", "--others", "--exclude-standard"):
        # A repository inside this one is a folder, and ends in a slash.
        yield ChangedFile(ask.top / name, How.UNTRACKED)
