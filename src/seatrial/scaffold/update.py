"""What ``update`` does to each file: pure, from the record, the work tree and the new scaffold.

::

    base (record) ─┐
    held (disk) ───┼─► compare ─► Change            all but what both sides have edited
    new (rendered) ┘          └─► Merge ─► git merge-file ─► Change

Base and new are texts with LF; a file whose every line ends in CRLF is compared and merged without
CR, and written with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from seatrial.scaffold.fates import Change, Fate, Held, Merge, Update, marks_in
from seatrial.scaffold.model import File, Tree
from seatrial.scaffold.record import Pristine, Record, digest, is_lock, pristine


@dataclass(slots=True)
class Comparison:
    """The changes that are known without git, and the merges that it is needed for.

    ``unresolved`` are files to merge in which an earlier update's marks are left, each with the
    line of the first.
    """

    changes: list[Change] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    unresolved: dict[str, int] = field(default_factory=dict)


def paths(record: Record, tree: Tree) -> tuple[str, ...]:
    """Return every path that the old or the new scaffold has."""
    return tuple(sorted({*record.files, *tree}))


def compare(record: Record, tree: Tree, held: Mapping[str, Held]) -> Comparison:
    """Return what becomes of each of :func:`paths`; ``held`` has all of them."""
    found = Comparison()
    for path in paths(record, tree):
        one = _compare(path, record.files.get(path), held[path], tree.get(path))
        if isinstance(one, Change):
            found.changes.append(one)
        elif marks := marks_in(one.mine):
            found.unresolved[path] = marks[0]
        else:
            found.merges.append(one)
    return found


def update(record: Record, version: str, changes: Iterable[Change]) -> Update:
    """Return the whole update of a record to the scaffold of ``version``."""
    return Update(record, version, tuple(sorted(changes, key=lambda change: change.path)))


def _compare(path: str, base: Pristine | None, held: Held, new: File | None) -> Change | Merge:
    if held.obstacle is not None:
        return _obstructed(path, base, held, new)
    if held.content is None:
        return _absent(path, base, held, new)
    if new is None:
        return _gone(path, base, held)
    return _edited(path, base, held, new)


def _obstructed(path: str, base: Pristine | None, held: Held, new: File | None) -> Change:
    # The base stays, so that what the scaffold has is offered again once the way is free.
    after = base if new is not None else None
    news = new is None or base is None or _recorded(path, new).digest != base.digest
    fate = Fate.OBSTRUCTED if news else Fate.KEPT
    return Change(path, fate, held, None, False, after)


def _absent(path: str, base: Pristine | None, held: Held, new: File | None) -> Change:
    if new is None:
        return Change(path, Fate.KEPT, held, None, False, None)
    after = _recorded(path, new)
    if base is None:
        return Change(path, Fate.ADDED, held, new.text.encode(), new.executable, after)
    fate = Fate.KEPT if after.digest == base.digest else Fate.DELETED
    return Change(path, fate, held, None, False, after)


def _gone(path: str, base: Pristine | None, held: Held) -> Change:
    stays = Change(path, Fate.ORPHANED, held, held.content, held.executable, None)
    if _is_foreign(path, base):
        return replace(stays, fate=Fate.KEPT)
    if base is not None and digest(held.plain) == base.digest:
        return replace(stays, fate=Fate.REMOVED, content=None, executable=False)
    return stays


def _edited(path: str, base: Pristine | None, held: Held, new: File) -> Change | Merge:
    after = _recorded(path, new)
    mine = digest(held.plain)
    stays = Change(path, Fate.SAME, held, held.content, held.executable, after)
    if base is None or _is_foreign(path, base):
        return stays if mine == after.digest else _foreign(stays, base, after)
    executable = new.executable if held.executable == base.executable else held.executable
    stays = replace(stays, executable=executable)
    if mine == after.digest:
        return replace(stays, fate=stays.fate_of_mode(Fate.SAME))
    if mine == base.digest:
        return replace(stays, fate=Fate.REPLACED, content=held.written(new.text))
    text = _text(held.plain)
    if after.digest == base.digest:
        marks = marks_in(text or "")
        return replace(stays, fate=Fate.CONFLICT if marks else stays.fate_of_mode(), marks=marks)
    if base.text is None:
        return replace(stays, fate=Fate.LOCKED)
    if text is None:
        return replace(stays, fate=Fate.NO_TEXT, executable=held.executable, base=base)
    return Merge(path, base.text, text, new.text, held, executable, after)


def _foreign(stays: Change, base: Pristine | None, after: Pristine) -> Change:
    """Return that the user's own file stays, told once for each text that the scaffold has."""
    known = base is not None and base.digest == after.digest
    fate = Fate.KEPT if known else Fate.YOURS
    return replace(stays, fate=fate, base=replace(after, text=None))


def _is_foreign(path: str, base: Pristine | None) -> bool:
    """Return whether the record says that the user, not the scaffold, has made the file."""
    return base is not None and base.text is None and not is_lock(path)


def _text(content: bytes) -> str | None:
    """Return the text, ``None`` for what git would call binary, or what is not UTF-8."""
    try:
        return None if b"\0" in content else content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _recorded(path: str, new: File) -> Pristine:
    return pristine({path: new})[path]
