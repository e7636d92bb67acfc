"""What becomes of each file: every meeting of the old scaffold, the user's file and the new one."""

from __future__ import annotations

import pytest

from seatrial.scaffold.fates import Change, Fate, Held, Merge, Obstacle, Update
from seatrial.scaffold.model import Answers, File, Tree
from seatrial.scaffold.record import Record, digest, pristine
from seatrial.scaffold.update import Comparison, compare, update

OLD, MINE, NEW = "a\nb\nc\n", "a\nmine\nc\n", "a\nb\nnew\n"
MARKED = "a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> scaffold 0.2.0\n"
NOTHING = Held()


def held(text: str, *, executable: bool = False) -> Held:
    return Held(text.encode(), executable)


def compared(
    old: str | File | None, there: Held, new: str | File | None, path: str = "file"
) -> Comparison:
    record = Record("0.1.0", Answers("shop"), pristine(_tree(path, old)))
    return compare(record, _tree(path, new), {path: there})


def change(
    old: str | File | None, there: Held, new: str | File | None, path: str = "file"
) -> Change:
    found = compared(old, there, new, path)
    assert not found.merges
    (one,) = found.changes
    return one


def merge(old: str | File, there: Held, new: str | File) -> Merge:
    found = compared(old, there, new)
    assert not found.changes
    (one,) = found.merges
    return one


def _tree(path: str, file: str | File | None) -> Tree:
    if file is None:
        return {}
    return {path: File(file) if isinstance(file, str) else file}


def recorded(change: Change) -> str | None:
    return change.base.text if change.base else None


@pytest.mark.parametrize(
    ("old", "mine", "new", "fate", "after", "base"),
    [
        (OLD, OLD, OLD, Fate.SAME, OLD, OLD),
        (OLD, NEW, NEW, Fate.SAME, NEW, NEW),
        (None, NEW, NEW, Fate.SAME, NEW, NEW),
        (OLD, OLD, NEW, Fate.REPLACED, NEW, NEW),
        (OLD, MINE, OLD, Fate.KEPT, MINE, OLD),
        (None, None, NEW, Fate.ADDED, NEW, NEW),
        (None, MINE, NEW, Fate.YOURS, MINE, None),
        (OLD, OLD, None, Fate.REMOVED, None, None),
        (OLD, MINE, None, Fate.ORPHANED, MINE, None),
        (OLD, None, None, Fate.KEPT, None, None),
        (OLD, None, OLD, Fate.KEPT, None, OLD),
        (OLD, None, NEW, Fate.DELETED, None, NEW),
        ("", "", NEW, Fate.REPLACED, NEW, NEW),
    ],
)
def test_a_file_that_only_one_side_has_changed(
    old: str | None,
    mine: str | None,
    new: str | None,
    fate: Fate,
    after: str | None,
    base: str | None,
) -> None:
    one = change(old, NOTHING if mine is None else held(mine), new)
    assert one.fate is fate
    assert one.content == (None if after is None else after.encode())
    assert recorded(one) == base
    assert one.writes is (mine != after)


def test_a_file_of_the_users_own_making_is_told_of_once() -> None:
    told = change(None, held(MINE), NEW)
    assert told.base is not None
    record = Record("0.1.0", Answers("shop"), {"file": told.base})

    def again(there: Held, new: str | None) -> Change:
        (one,) = compare(record, _tree("file", new), {"file": there}).changes
        return one

    assert again(held(MINE), NEW).fate is Fate.KEPT
    assert again(held(MINE), NEW).base == told.base
    assert again(held(MINE), OLD).fate is Fate.YOURS
    assert again(held(MINE), None).fate is Fate.KEPT
    assert again(held(MINE), None).base is None
    assert again(held(NEW), NEW).base == pristine({"file": File(NEW)})["file"]
    assert not any(again(held(MINE), new).writes for new in (OLD, NEW, None))


def test_a_file_that_both_sides_have_changed_is_merged() -> None:
    one = merge(OLD, held(MINE), NEW)
    assert (one.base, one.mine, one.new) == (OLD, MINE, NEW)
    done = one.done("a\nmine\nnew\n")
    assert done.fate is Fate.MERGED
    assert done.content == b"a\nmine\nnew\n"
    assert recorded(done) == NEW
    assert done.marks == ()


def test_what_cannot_be_merged_is_marked_with_its_lines() -> None:
    done = merge(OLD, held(MINE), NEW).done(f"{MARKED}x\n{MARKED}")
    assert done.fate is Fate.CONFLICT
    assert done.marks == (2, 9)
    assert recorded(done) == NEW


def test_a_merge_that_brings_nothing_new_changes_nothing() -> None:
    done = merge(OLD, held(MINE), NEW).done(MINE)
    assert done.fate is Fate.KEPT
    assert not done.writes


def test_line_ends_of_the_user_stay() -> None:
    untouched = change(OLD, held(OLD.replace("\n", "\r\n")), NEW)
    assert untouched.fate is Fate.REPLACED
    assert untouched.content == NEW.replace("\n", "\r\n").encode()
    edited = merge(OLD, held(MINE.replace("\n", "\r\n")), NEW)
    assert edited.mine == MINE
    assert edited.done("a\nmine\nnew\n").content == b"a\r\nmine\r\nnew\r\n"


def test_the_new_file_with_other_line_ends_is_the_same() -> None:
    one = change(OLD, held(NEW.replace("\n", "\r\n")), NEW)
    assert one.fate is Fate.SAME
    assert not one.writes


def test_mixed_line_ends_are_an_edit() -> None:
    assert merge(OLD, held("a\r\nb\nc\n"), NEW).mine == "a\r\nb\nc\n"


@pytest.mark.parametrize(
    ("old", "mine", "new", "after"),
    [
        (False, False, True, True),
        (True, True, False, False),
        (False, True, False, True),
        (True, False, True, False),
        (False, True, True, True),
    ],
)
@pytest.mark.parametrize("text", [OLD, NEW, MINE])
def test_the_mode_is_merged_as_the_text_is(
    old: bool, mine: bool, new: bool, after: bool, text: str
) -> None:
    there = held(text, executable=mine)
    found = compared(File(OLD, old), there, File(NEW, new))
    one = found.changes[0] if found.changes else found.merges[0].done(text)
    assert one.executable is after


def test_a_new_mode_alone_is_a_change_of_its_own() -> None:
    for mine in (OLD, MINE):
        one = change(File(OLD), held(mine), File(OLD, executable=True))
        assert one.fate is Fate.MODE
        assert one.writes
        assert one.content == mine.encode()


@pytest.mark.parametrize("content", [b"caf\xe9\n", b"a\0b\n"])
def test_a_file_that_is_no_text_is_kept_and_offered_again(content: bytes) -> None:
    one = change(OLD, Held(content), NEW)
    assert one.fate is Fate.NO_TEXT
    assert not one.writes
    assert recorded(one) == OLD
    assert change(OLD, Held(content), OLD).fate is Fate.KEPT


@pytest.mark.parametrize("obstacle", list(Obstacle))
def test_what_is_no_file_stays_and_the_new_text_is_offered_again(obstacle: Obstacle) -> None:
    one = change(OLD, Held(obstacle=obstacle), NEW)
    assert one.fate is Fate.OBSTRUCTED
    assert not one.writes
    assert recorded(one) == OLD
    assert change(OLD, Held(obstacle=obstacle), OLD).fate is Fate.KEPT
    assert change(None, Held(obstacle=obstacle), NEW).fate is Fate.OBSTRUCTED
    assert change(OLD, Held(obstacle=obstacle), None).fate is Fate.OBSTRUCTED


@pytest.mark.parametrize("path", ["uv.lock", "services/page/package-lock.json"])
def test_a_lock_file_is_replaced_or_kept_and_never_merged(path: str) -> None:
    assert change(OLD, held(OLD), NEW, path).fate is Fate.REPLACED
    kept = change(OLD, held(MINE), NEW, path)
    assert kept.fate is Fate.LOCKED
    assert not kept.writes
    # It is told once: the record goes on to the new file.
    assert kept.base is not None
    assert kept.base.digest == digest(NEW.encode())
    assert kept.base.text is None


def test_marks_that_are_left_stop_a_merge() -> None:
    found = compared(OLD, held(MARKED), NEW)
    assert found.unresolved == {"file": 2}
    assert found.merges == []


def test_marks_that_are_left_are_told_again_where_nothing_is_new() -> None:
    one = change(OLD, held(MARKED), OLD)
    assert one.fate is Fate.CONFLICT
    assert one.marks == (2,)
    assert not one.writes


def test_marks_of_someone_else_are_text() -> None:
    text = "<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> main\n<<<<<<< yours\n"
    assert compared(OLD, held(text), NEW).unresolved == {}


def _update(record: Record, tree: Tree, there: dict[str, Held]) -> Update:
    return update(record, "0.2.0", compare(record, tree, there).changes)


def test_nothing_new_leaves_the_record_as_it_is() -> None:
    tree = {"a": File(OLD), "b": File(NEW)}
    record = Record("0.1.0", Answers("shop"), pristine(tree))
    one = _update(record, tree, {"a": held(OLD), "b": NOTHING})
    assert one.writes == one.told == one.conflicts == ()
    assert one.after() is record


def test_the_record_holds_the_new_scaffold_afterwards() -> None:
    record = Record("0.1.0", Answers("shop"), pristine({"a": File(OLD), "gone": File(OLD)}))
    tree = {"a": File(NEW), "more": File(NEW, executable=True)}
    one = _update(record, tree, {"a": held(OLD), "gone": held(OLD), "more": NOTHING})
    assert one.after() == Record("0.2.0", Answers("shop"), pristine(tree))


def test_the_record_holds_the_steps_while_files_are_written() -> None:
    record = Record("0.1.0", Answers("shop"), pristine({"a": File(OLD), "gone": File(OLD)}))
    tree = {"a": File(NEW), "more": File(NEW)}
    one = _update(record, tree, {"a": held(OLD), "gone": held(OLD), "more": NOTHING})
    old, new = digest(OLD.encode()), digest(NEW.encode())
    assert [(step.path, step.before, step.after) for step in one.during().steps] == [
        ("a", old, new),
        ("gone", old, ""),
        ("more", "", new),
    ]
    assert [step.base for step in one.during().steps] == [
        record.files["a"],
        record.files["gone"],
        None,
    ]
