"""What a run makes, written down before it is made, so that a later run can clean up after it.

A ledger is one file of JSON lines in the user's state folder. The run that owns it holds a lock on
it for as long as it lives; a ledger that can be locked belongs to nobody any more, and what it
lists is a leftover. ``kill -9`` therefore needs no handler: the kernel drops the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.host.system import boot_id, start_time

# Names the run in the environment of every process that it starts.
RUN_VARIABLE = "SEATRIAL_RUN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a run made or was about to make; ``facts`` depend on ``kind``.

    Kinds: ``process`` (pid, start, boot), ``folder`` (path), ``file`` (path), ``engine`` (project,
    run, host), ``marker`` (text: the environment variable that all children of the run carry).
    """

    kind: str
    key: str
    facts: dict[str, Any]


class Ledger:
    """The open, locked ledger of a live run."""

    def __init__(self, path: Path, run: str) -> None:
        """Create the file and lock it. Raises ``OSError`` where the folder cannot be written."""
        self.path = path
        self.run = run
        self._kept = False
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Made under another name and renamed once locked: nobody can see it unlocked.
        newborn = path.with_suffix(".new")
        self._fd = os.open(newborn, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        newborn.rename(path)

    def process(self, pid: int, note: str) -> None:
        """Write down a process that was just started."""
        started = start_time(pid)
        if started is not None:
            self._write("process", str(pid), start=started, boot=boot_id(), note=note)

    def folder(self, path: Path, note: str = "") -> None:
        """Write down a folder that is about to be made."""
        self._write("folder", str(path), note=note)

    def file(self, path: Path) -> None:
        """Write down a file that is about to be made outside any folder listed here."""
        self._write("file", str(path))

    def engine(self, project: str, host: str) -> None:
        """Write down a compose project that is about to be started on the engine at ``host``."""
        self._write("engine", project, host=host, run=self.run)

    def marker(self, text: str) -> None:
        """Write down what the environment of every child of this run will hold."""
        self._write("marker", text, boot=boot_id())

    def done(self, kind: str, key: str) -> None:
        """Strike out an entry: the thing is gone."""
        self._write("done", key, of=kind)

    def fileno(self) -> int:
        """Return the locked descriptor, for a detached clean-up that must inherit the lock."""
        return self._fd

    def keep(self) -> None:
        """Leave the file behind: something it lists outlives the run on purpose."""
        self._write("kept", self.run)
        self._kept = True

    def close(self, *, clean: bool) -> None:
        """Give the lock up; remove the file where ``clean`` says that nothing is left."""
        if clean and not self._kept:
            self.path.unlink(missing_ok=True)
        os.close(self._fd)

    def _write(self, kind: str, key: str, **facts: Any) -> None:
        line = json.dumps({"kind": kind, "key": key, **facts}) + "\n"
        os.write(self._fd, line.encode())


def entries(path: Path) -> Iterator[Entry]:
    """Yield what a ledger lists and has not struck out, oldest first.

    A last line that was cut off in the middle of its writing is dropped.
    """
    live: dict[tuple[str, str], Entry] = {}
    for line in path.read_text(errors="replace").splitlines():
        try:
            facts = json.loads(line)
            kind, key = facts.pop("kind"), facts.pop("key")
        except (ValueError, KeyError):
            continue
        if kind == "done":
            live.pop((facts.get("of", ""), key), None)
        else:
            live[kind, key] = Entry(kind, key, facts)
    yield from live.values()


def abandoned(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield each ledger in ``folder`` whose run is dead, locked, as (path, descriptor).

    The caller closes the descriptor; the lock keeps a second clean-up off the same ledger.
    """
    for path in sorted(folder.glob("*.ledger")):
        try:
            fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            continue
        yield path, fd


def others_alive(own: Ledger) -> bool:
    """Return whether another run of this user holds its ledger in the same folder."""
    for path in own.path.parent.glob("*.ledger"):
        if path == own.path:
            continue
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(fd)
    return False
