"""What git tells of commits and tags: what a release is made of."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from seatrial.errors import ConfigError, RuntimeMissing, UsageError
from seatrial.host import git
from seatrial.host.diff import ChangedFile, How

_SECONDS = 60.0
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TAGS = "%(refname:lstrip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
_PLAIN = tuple(
    word
    for setting in (
        "diff.relative=false",
        "core.quotePath=false",
        "log.showSignature=false",
        "i18n.logOutputEncoding=UTF-8",
    )
    for word in ("-c", setting)
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit; ``subject`` and ``body`` are what its author wrote, whatever that is."""

    id: str
    subject: str
    body: str


class Commits:
    """The commits of the work tree around ``root``. Every method raises ``ConfigError`` where git
    fails.
    """

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        """Raises ``UsageError`` outside of git, or where there is no commit yet."""
        top = git.toplevel(root)
        if top is None:
            raise UsageError(
                f"{root} is in no git repository", mend="a release is made of a commit: git init"
            )
        self.top = top
        # What a hook of git sets names the repository of the hook, which need not be this one.
        kept = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
        self._environment = {**kept, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        head = self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if head is None:
            raise UsageError(f"{top} has no commit yet", mend="commit, tag, then release")
        self.head = head.strip()

    def tags(self) -> dict[str, str]:
        """Return the commit of every tag that names one."""
        found = {}
        for line in (self._ask("for-each-ref", f"--format={_TAGS}", "refs/tags") or "").split("\n"):
            if line:
                name, kind, own, kind_within, within = line.split("\0")
                if "commit" in (kind, kind_within):
                    found[name] = within or own
        return found

    def merged_tags(self) -> frozenset[str]:
        """Return the names of the tags that HEAD contains."""
        words = ("--merged", "HEAD", "--format=%(refname:lstrip=2)", "refs/tags")
        said = self._ask("for-each-ref", *words) or ""
        return frozenset(said.split("\n")) - {""}

    def dirt(self) -> tuple[str, ...]:
        """Return what differs from HEAD, relative to the top; new files are among it."""
        # Said in full: a user's settings may hide new files and what changed in a submodule.
        everything = ("--untracked-files=normal", "--ignore-submodules=none", "--no-renames")
        found = self._names("status", "--porcelain=v1", "-z", *everything)
        return tuple(name[3:] for name in found)

    def has(self, commit: str) -> bool:
        """Return whether ``commit``, a whole id, is a commit of this repository."""
        if not _ID.fullmatch(commit):
            return False
        return self._ask("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") is not None

    def shallow(self) -> bool:
        """Return whether the history was cut when it was cloned."""
        return (self._ask("rev-parse", "--is-shallow-repository") or "").strip() == "true"

    def time(self, commit: str) -> int:
        """Return when ``commit`` was made, in seconds since the epoch."""
        return int((self._ask("show", "--no-patch", "--format=%ct", commit) or "0").strip())

    def between(self, old: str, new: str) -> tuple[ChangedFile, ...]:
        """Return the files that differ between two commits."""
        words = ("diff", "--no-ext-diff", "--no-renames", "--ignore-submodules=none")
        answer = self._names(*words, "--name-status", "-z", old, new, "--")
        hows = {"A": How.ADDED, "D": How.DELETED}
        return tuple(
            ChangedFile(self.top / name, hows.get(letter[0], How.CHANGED))
            for letter, name in zip(answer[::2], answer[1::2], strict=True)
        )

    def since(self, old: str | None, new: str) -> tuple[Commit, ...]:
        """Return the commits of ``new`` that ``old`` has not, the newest first, without merges."""
        span = [new] if old is None else [f"{old}..{new}"]
        form = "%H%x00%s%x00%b"
        answer = self._ask("log", "--no-merges", "-z", f"--format={form}", *span, "--") or ""
        # git ends the message where somebody has forced a NUL into it: three parts it is, always.
        parts = answer.split("\0")
        return tuple(
            Commit(parts[at], parts[at + 1], parts[at + 2]) for at in range(0, len(parts) - 2, 3)
        )

    def files_of(self, commit: str) -> tuple[ChangedFile, ...]:
        """Return the files that ``commit`` itself changed."""
        words = ("diff-tree", "--no-commit-id", "--name-only", "--no-renames", "--root", "-r", "-z")
        return tuple(
            ChangedFile(self.top / name, How.CHANGED) for name in self._names(*words, commit)
        )

    def ignored(self) -> tuple[str, ...]:
        """Return what git ignores, relative to the top; folders end with a slash."""
        # Asked here, since where that fails nobody may take it for "nothing".
        listed = ("--others", "--ignored", "--exclude-standard", "--directory")
        return tuple(self._names("ls-files", "-z", *listed))

    def origin(self) -> str:
        """Return where the repository comes from, as a URL without anybody's password."""
        return public_url((self._ask("config", "--get", "remote.origin.url") or "").strip())

    def _names(self, *words: str) -> list[str]:
        return [name for name in (self._ask(*words) or "").split("\0") if name]

    def _ask(self, *words: str) -> str | None:
        """Return what git prints, ``None`` where the answer is no."""
        try:
            done = subprocess.run(
                ["git", *_PLAIN, *words],
                cwd=self.top,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise RuntimeMissing("there is no git here", mend="install git") from None
        except subprocess.TimeoutExpired:
            raise ConfigError(f"git {words[0]} did not end within {_SECONDS:g} s") from None
        if done.returncode == 0:
            return os.fsdecode(done.stdout)
        if done.returncode == 1:
            return None
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise ConfigError(said[0] if said else f"git {words[0]} ended with {done.returncode}")


def public_url(remote: str) -> str:
    """Return a remote of git as an https URL that may be shown; empty for a path. Pure.

    ``git@host:group/name.git`` and ``ssh://`` are the same place seen by a browser.
    """
    if "://" not in remote:
        host, colon, path = remote.partition(":")
        if not colon or "/" in host:
            return ""
        return f"https://{host.rpartition('@')[2]}/{path.removesuffix('.git').lstrip('/')}"
    parts = urlsplit(remote)
    if parts.scheme not in ("http", "https", "ssh", "git") or not parts.hostname:
        return ""
    web = parts.scheme in ("http", "https")
    host = parts.netloc.rpartition("@")[2] if web else parts.hostname
    scheme = parts.scheme if web else "https"
    return urlunsplit((scheme, host, parts.path.removesuffix(".git"), "", ""))
