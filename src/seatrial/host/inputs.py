"""What is checked out, as one digest: equal digests mean equal files, committed or not."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator, Mapping
from hashlib import new, sha256
from pathlib import Path

from seatrial.errors import SeatrialError
from seatrial.host import git
from seatrial.host.processes import Processes

# Seconds, files and bytes from which on the answer is not worth its cost.
_SECONDS = 10.0
_MOST_FILES = 2_000
_MOST_BYTES = 32 * 1024 * 1024
# What test runners and package managers leave in a repository that forgot to ignore it.
_MADE = frozenset(("__pycache__", ".pytest_cache", "node_modules", ".venv", "venv", ".coverage"))
_LISTED = ("git", "ls-files", "--stage", "-z")
_CHANGED = (
    *("git", "status", "--porcelain=v2", "-z", "--untracked-files=all", "--no-renames"),
    "--ignore-submodules=none",
)
_SHA256 = 64


class _Unknown(Exception):
    """There is no digest that can be trusted, or none that is worth its cost."""


async def inputs(root: Path, processes: Processes) -> str:
    """Return the digest of the git work tree around ``root``: what is tracked, as it lies there,
    and what is neither tracked nor ignored.

    Empty where there is no git, where a submodule has changes of its own, and where it would cost
    too much. It never raises.
    """
    top = git.toplevel(root)
    if top is None:
        return ""
    env: dict[str, str | None] = {k: None for k in processes.environment if k.startswith("GIT_")}
    env |= {"GIT_OPTIONAL_LOCKS": "0"}
    try:
        listed, changed = await asyncio.gather(
            *(
                processes.run(argv, cwd=top, env=env, timeout=_SECONDS)
                for argv in (_LISTED, _CHANGED)
            )
        )
        if not (listed.ok and changed.ok):
            return ""
        return await asyncio.to_thread(_digest, top, listed.out, changed.out)
    except (SeatrialError, OSError, ValueError, _Unknown):
        return ""


def _digest(top: Path, listed: str, changed: str) -> str:
    files = dict(_tracked(listed))
    kind = "sha256" if any(len(one.split()[1]) == _SHA256 for one in files.values()) else "sha1"
    differing = dict(_differing(changed))
    if len(differing) > _MOST_FILES:
        raise _Unknown
    left = _MOST_BYTES
    for name, there in differing.items():
        files.pop(name, None)
        if there:
            path = top / name
            left -= path.lstat().st_size
            if left < 0:
                raise _Unknown
            files[name] = _as_git_would(path, kind)
    return _of(files)


def _tracked(listed: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each file in the index, with its mode and the id of its content."""
    for entry in filter(None, listed.split("\0")):
        what, name = entry.split("\t", 1)
        mode, content, _ = what.split()
        yield name, f"{mode} {content}"


def _differing(changed: str) -> Iterator[tuple[str, bool]]:
    """Yield the name of each file that is not as the index has it, and whether it is there."""
    for entry in filter(None, changed.split("\0")):
        kind, rest = entry.split(" ", 1)
        if kind == "?":
            if not _MADE & set(rest.rstrip("/").split("/")):
                yield rest, True
            continue
        # 1 XY sub mH mI mW hH hI path, or for a conflict u XY sub m1 m2 m3 mW h1 h2 h3 path
        fields = rest.split(" ", 9 if kind == "u" else 7)
        if not fields[1].startswith("N"):
            raise _Unknown
        if fields[0][1] != ".":
            worktree_mode = fields[5 if kind == "u" else 4]
            yield fields[-1], worktree_mode != "000000"


def _as_git_would(path: Path, kind: str) -> str:
    """Return mode and content id of a file, so that committing it changes nothing."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        name, content = "120000", os.fsencode(path.readlink())
    elif stat.S_ISREG(mode):
        name = "100755" if mode & stat.S_IXUSR else "100644"
        content = path.read_bytes()
    else:
        # A repository inside this one, or nothing that has a content.
        raise _Unknown
    made = new(kind, f"blob {len(content)}\0".encode(), usedforsecurity=False)
    made.update(content)
    return f"{name} {made.hexdigest()}"


def _of(files: Mapping[str, str]) -> str:
    digest = sha256()
    for name in sorted(files):
        digest.update(f"{files[name]} {name}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
