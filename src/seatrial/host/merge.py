"""Git as ``update`` needs it: three texts made one, and which files are safe in its history."""

from __future__ import annotations

import tempfile
from pathlib import Path

from seatrial.errors import EnvironmentFailure
from seatrial.host.git import is_repo
from seatrial.host.processes import Completed, Processes

_SECONDS = 60.0
# What a hook of git sets: it would speak of another repository than the one in the folder.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")
# `git merge-file` ends with the number of conflicts, or with this and more.
_FAILED = 128


async def merge_file(
    texts: tuple[str, str, str], labels: tuple[str, str, str], folder: Path, processes: Processes
) -> str:
    """Return mine, base and other merged by ``git merge-file``, conflicts marked with ``labels``.

    The texts have LF. ``folder`` is where git looks for the user's ``merge.conflictStyle``. Raises
    ``RuntimeMissing`` without git, ``EnvironmentFailure`` where it fails.
    """
    with tempfile.TemporaryDirectory(prefix="seatrial-merge-") as scratch:
        files = [Path(scratch, name) for name in ("mine", "base", "other")]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode())
        names = [word for label in labels for word in ("-L", label)]
        argv = ["merge-file", "-p", *names, *map(str, files)]
        done = await _git(argv, folder, processes)
    if not 0 <= done.code < _FAILED:
        raise _failure("git merge-file failed", done, "see what it says")
    return done.out


async def committed(folder: Path, processes: Processes) -> frozenset[str] | None:
    """Return the files below ``folder`` that git can give back as they are, by relative path.

    ``None`` where nobody can say: outside of git, or without it. Raises ``EnvironmentFailure``
    where git refuses to look.
    """
    if not is_repo(folder) or processes.find("git") is None:
        return None
    tracked = await _git(["ls-files", "-z"], folder, processes)
    if not tracked.ok:
        raise _failure("git does not say which files are committed", tracked, "--allow-dirty")
    if not (await _git(["rev-parse", "--verify", "--quiet", "HEAD"], folder, processes)).ok:
        return frozenset()
    changed = await _git(["diff", "--name-only", "-z", "--relative", "HEAD"], folder, processes)
    if not changed.ok:
        raise _failure("git does not say which files are committed", changed, "--allow-dirty")
    return frozenset(tracked.out.split("\0")) - frozenset(changed.out.split("\0"))


async def _git(argv: list[str], folder: Path, processes: Processes) -> Completed:
    env = dict.fromkeys(_ELSEWHERE)
    return await processes.run(["git", *argv], cwd=folder, env=env, timeout=_SECONDS)


def _failure(what: str, done: Completed, mend: str) -> EnvironmentFailure:
    return EnvironmentFailure(what, mend=mend, detail=tuple(done.err.strip().splitlines()))
