"""What may become of a file when a newer scaffold comes in, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from seatrial.scaffold.model import Answers
from seatrial.scaffold.record import Pristine, Record, Step, digest

# What git calls the two sides in the marks of a conflict; found again, they are unresolved.
YOURS = "yours"
THEIRS = "scaffold"
_BEGIN = re.compile(rf"^<{{7}} {YOURS}$", re.MULTILINE)
_END = re.compile(rf"^>{{7}} {THEIRS} ", re.MULTILINE)


class Fate(StrEnum):
    """What becomes of a file."""

    # Nothing is to be told.
    SAME = "same"
    KEPT = "kept"
    # The file changes.
    REPLACED = "replaced"
    ADDED = "added"
    MERGED = "merged"
    CONFLICT = "conflict"
    REMOVED = "removed"
    MODE = "mode"
    # The file stays as it is, and what the scaffold has is not taken over.
    DELETED = "deleted"
    ORPHANED = "orphaned"
    YOURS = "yours"
    LOCKED = "locked"
    NO_TEXT = "no text"
    OBSTRUCTED = "obstructed"


QUIET = (Fate.SAME, Fate.KEPT)


class Obstacle(StrEnum):
    """What is at a path, or on the way to it, and is no file."""

    LINK = "link"
    FOLDER = "folder"
    SPECIAL = "special"
    BEYOND_LINK = "beyond a link"
    BENEATH_FILE = "beneath a file"


@dataclass(frozen=True, slots=True)
class Held:
    """What the work tree has at a path: ``content`` in bytes, ``None`` for no file."""

    content: bytes | None = None
    executable: bool = False
    obstacle: Obstacle | None = None

    @property
    def crlf(self) -> bool:
        """Return whether every line ends in CRLF."""
        ends = (self.content or b"").count(b"\n")
        return ends > 0 and ends == (self.content or b"").count(b"\r\n")

    @property
    def plain(self) -> bytes:
        """Return the content with LF."""
        content = self.content or b""
        return content.replace(b"\r\n", b"\n") if self.crlf else content

    def written(self, text: str) -> bytes:
        """Return ``text`` with the line ends of this file."""
        return (text.replace("\n", "\r\n") if self.crlf else text).encode()


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the file at ``path``.

    ``content`` and ``executable`` are what it is afterwards, ``None`` for no file; ``base`` is what
    the record then holds. ``marks`` are the lines, from 1, on which conflicts begin.
    """

    path: str
    fate: Fate
    held: Held
    content: bytes | None
    executable: bool
    base: Pristine | None
    marks: tuple[int, ...] = ()

    @property
    def writes(self) -> bool:
        """Return whether the file is written, removed, or gets another mode."""
        before = (self.held.content, self.held.executable)
        return (self.content, self.executable) != before

    def fate_of_mode(self, otherwise: Fate = Fate.KEPT) -> Fate:
        """Return the fate of a file whose content stays: its mode may not."""
        return otherwise if self.executable == self.held.executable else Fate.MODE


@dataclass(frozen=True, slots=True)
class Merge:
    """A file that both sides have changed: three texts with LF, and what else a change needs."""

    path: str
    base: str
    mine: str
    new: str
    held: Held
    executable: bool
    after: Pristine

    def done(self, text: str) -> Change:
        """Return the change that ``text``, what git made of the three, comes to."""
        marks = marks_in(text)
        change = Change(
            self.path,
            Fate.CONFLICT if marks else Fate.MERGED,
            self.held,
            self.held.written(text),
            self.executable,
            self.after,
            marks,
        )
        same = change.content == self.held.content
        return replace(change, fate=change.fate_of_mode()) if same else change


@dataclass(frozen=True, slots=True)
class Update:
    """All changes that bring the scaffold of ``version`` in, by path.

    ``others`` are files of the record that are not looked at, and stay in it; ``answers`` are its
    answers afterwards, ``None`` where they stay.
    """

    record: Record
    version: str
    changes: tuple[Change, ...]
    others: Mapping[str, Pristine] = field(default_factory=dict)
    answers: Answers | None = None

    @property
    def writes(self) -> tuple[Change, ...]:
        """Return the changes of files, in the order in which they are made."""
        return tuple(change for change in self.changes if change.writes)

    @property
    def told(self) -> tuple[Change, ...]:
        """Return the changes that the user hears of: all but those of :data:`QUIET`."""
        return tuple(change for change in self.changes if change.fate not in QUIET)

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """Return the files in which marks are to be resolved."""
        return tuple(change for change in self.changes if change.marks)

    def after(self) -> Record:
        """Return the record once all is written; the old one where nothing is new in it."""
        bases = {change.path: change.base for change in self.changes if change.base is not None}
        files, answers = {**self.others, **bases}, self.answers or self.record.answers
        if (files, answers) == (self.record.files, self.record.answers):
            return self.record
        return replace(self.record, version=self.version, answers=answers, files=files)

    def during(self) -> Record:
        """Return the record to keep while files are being written."""
        steps = tuple(
            Step(
                change.path,
                _digest(change.held.content),
                _digest(change.content),
                self.record.files.get(change.path),
            )
            for change in self.writes
        )
        return replace(self.after(), steps=steps)


def marks_in(text: str) -> tuple[int, ...]:
    """Return the lines of ``text``, from 1, on which conflicts of an update begin."""
    begins = _BEGIN.finditer(text)
    return tuple(
        text.count("\n", 0, begin.start()) + 1 for begin in begins if _END.search(text, begin.end())
    )


def _digest(content: bytes | None) -> str:
    return "" if content is None else digest(content)
