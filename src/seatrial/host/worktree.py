"""Which checkout this is, for as long as it stands where it stands; and slots for its runs.

The id is made once and kept in ``.seatrial/worktree.json`` with the folder's real path and inode:
a copied or moved folder is another worktree, a renamed branch is still the same one. The file may
hold several (path, inode) pairs, because a checkout that is mounted into a container has two.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from seatrial.errors import EnvironmentFailure
from seatrial.host import git
from seatrial.host.files import write_atomically
from seatrial.model.identity import worktree_id

FOLDER = ".seatrial"
_FILE = "worktree.json"
_REMEMBERED = 8
_MOST_SLOTS = 1000


@dataclass(frozen=True, slots=True)
class Worktree:
    """A checkout: ``root`` is its real path, ``folder`` where its files are kept.

    ``folder`` is ``<root>/.seatrial``, or lies in the user's state folder for a checkout that
    cannot be written.
    """

    id: str
    root: Path
    folder: Path


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the numbers, from 1, that tell apart the live runs of a worktree.

    The kernel frees it with the process that holds it, and with every child that inherited it.
    """

    number: int
    fd: int

    def close(self) -> None:
        """Free the number."""
        os.close(self.fd)


def identify(root: Path, state: Path, *, keep: bool = True) -> Worktree:
    """Return the identity of the checkout at ``root``, made now where it has none.

    ``state`` is the user's state folder. Any number of processes at once get the same answer.
    Without ``keep`` nothing is written: a checkout that has no id gets one to look at.
    """
    root = root.resolve()
    inode = root.stat().st_ino
    elsewhere = state / "worktrees" / sha256(os.fsencode(root)).hexdigest()[:16]
    folders = (root / FOLDER, elsewhere)
    found = (_find(_read(folder), root, inode) for folder in folders)
    known = next((name for name in found if name), None)
    for folder in folders if keep else ():
        with contextlib.suppress(OSError):
            return Worktree(_kept(folder, root, inode, known), root, folder)
    # Neither can be written (a full disk): the same id every time, from what there is.
    token = sha256(f"{inode}:{root}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return Worktree(known or worktree_id(_branch(root), token), root, elsewhere)


def take_slot(worktree: Worktree, in_use: Callable[[], Collection[int]] = frozenset[int]) -> Slot:
    """Return the lowest number that no live run of ``worktree`` holds.

    ``in_use`` tells which numbers are not free for another reason; it is asked once a number is
    locked, so that what its last holder wrote down counts.
    Raises ``EnvironmentFailure`` where no lock file can be written.
    """
    folder = worktree.folder / "slots"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_SLOTS):
            fd = os.open(folder / str(number), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
                continue
            if number not in in_use():
                return Slot(number, fd)
            os.close(fd)
    except OSError as error:
        raise EnvironmentFailure(
            f"no lock can be written in {folder}: {error.strerror}",
            mend="make room or make the folder writable",
        ) from None
    raise EnvironmentFailure(
        f"{_MOST_SLOTS - 1} runs are alive in {worktree.root}", mend="wait until some have ended"
    )


def _kept(folder: Path, root: Path, inode: int, known: str | None) -> str:
    """Return the id that ``folder`` keeps; raises ``OSError`` where it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(folder)
    if known and _find(_read(folder), root, inode) == known:
        return known
    with _alone(folder):
        entries = _read(folder)
        kept = _find(entries, root, inode)
        if kept is None:
            kept = known or worktree_id(_branch(root), secrets.token_hex(4))
            entries = [*entries, {"path": str(root), "inode": inode, "id": kept}]
            text = json.dumps({"v": 1, "worktrees": entries[-_REMEMBERED:]}, indent=1)
            write_atomically(folder / _FILE, text + "\n")
        if not (folder / ".gitignore").exists():
            write_atomically(folder / ".gitignore", "*\n")
    return kept


def _read(folder: Path) -> list[dict[str, Any]]:
    """Return the entries of the file; none where it is missing, unreadable or spoilt."""
    try:
        entries = json.loads((folder / _FILE).read_bytes())["worktrees"]
        return [entry for entry in entries if isinstance(entry["id"], str)]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _find(entries: list[dict[str, Any]], root: Path, inode: int) -> str | None:
    for entry in entries:
        if entry.get("path") == str(root) and entry.get("inode") == inode:
            known: str = entry["id"]
            return known
    return None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    # The folder itself is what is locked, so that no lock file is left behind.
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _branch(root: Path) -> str:
    head = git.head(root)
    return str(head) if head and str(head) else root.name
