"""The event log of one run: JSON lines in a file that its run holds locked while it lives.

A file of its own needs no turn-taking: any number of runs write at once, each with one system call
for a batch. What was written stays when the process is killed; a last line that was cut off is
dropped by the reader.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from seatrial.events import Event, RunFinished, ServiceLogged, SuiteOutput, from_json, to_json

FOLDER = "runs"
_SUFFIX = ".jsonl"
# From here on only what renderers need for the verdict is kept of a run that never stops talking.
_MOST_TALK = 16 * 1024 * 1024


class Log:
    """The open, locked log of a live run."""

    def __init__(self, path: Path, most_talk: int = _MOST_TALK) -> None:
        """Make the file, for this user alone. Raises ``OSError``."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(path, flags, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        self._size = 0
        self._most_talk = most_talk

    def append(self, events: Iterable[Event]) -> None:
        """Write ``events``. Raises ``OSError``."""
        lines = [to_json(event) for event in events if self._has_room(event)]
        # Names of files may hold half a character; as an escape it is JSON and comes back.
        left = "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
        self._size += len(left)
        while left:
            left = left[os.write(self._fd, left) :]

    def close(self) -> None:
        """Let the lock go: nothing more will come."""
        os.close(self._fd)

    def _has_room(self, event: Event) -> bool:
        talk = isinstance(event, SuiteOutput | ServiceLogged)
        return not talk or self._size < self._most_talk


class Recording:
    """The events of a recorded run, by whatever version of seatrial.

    ``skipped`` counts the lines that this version could make nothing of and ``ended`` says whether
    the run had come to its end; both are known once all events have been read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.skipped = 0
        self.ended = False

    def __iter__(self) -> Iterator[Event]:
        """Yield the events in order. Raises ``OSError``."""
        self.skipped, self.ended = 0, False
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    # It was cut off in the middle of its writing, or is being written.
                    break
                event = _event(line)
                if event is None:
                    self.skipped += 1
                    continue
                self.ended = isinstance(event, RunFinished)
                yield event


def log_of(folder: Path, run: str) -> Path:
    """Return where the log of ``run`` lies in a worktree's ``folder``."""
    return folder / FOLDER / f"{run}{_SUFFIX}"


def logs(folder: Path) -> list[Path]:
    """Return all logs of a worktree, the newest first: ids of runs sort by their time."""
    return sorted((folder / FOLDER).glob(f"*{_SUFFIX}"), reverse=True)


def newest(folder: Path) -> str:
    """Return the id of the last run that was recorded in a worktree's ``folder``; may be empty."""
    return max((path.stem for path in (folder / FOLDER).glob(f"*{_SUFFIX}")), default="")


def is_live(path: Path) -> bool:
    """Return whether the run of this log still writes it. Raises ``OSError``."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _event(line: bytes) -> Event | None:
    try:
        return from_json(line.decode("utf-8", "replace"))
    except (ValueError, TypeError, AttributeError, KeyError):
        # A kind, a word or a shape of another version, or not our line at all.
        return None
