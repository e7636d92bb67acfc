from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.render.update import diff_lines, update_lines
from seatrial.scaffold.fates import QUIET, Change, Fate, Held, Obstacle, Update
from seatrial.scaffold.model import Answers
from seatrial.scaffold.record import Record

RECORD = Record("0.1.0", Answers("shop"), {})
HELD = Held(b"old\nsame\n")
CHANGE = Change("a/file", Fate.REPLACED, HELD, b"new\nsame\n", False, None)


def update(*changes: Change) -> Update:
    return Update(RECORD, "0.2.0", changes)


def told(change: Change) -> str:
    _, row, *_ = update_lines(update(change))
    return row


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate not in QUIET])
def test_each_fate_has_a_word_and_stands_in_the_summary(fate: Fate) -> None:
    path = "uv.lock" if fate is Fate.LOCKED else "a/file"
    word, rest = told(replace(CHANGE, path=path, fate=fate)).strip().split("  ", 1)
    assert rest.strip().startswith(path)
    assert f"1 {word}, 0 unchanged" in update_lines(update(replace(CHANGE, path=path, fate=fate)))


@pytest.mark.parametrize("fate", [Fate.DELETED, Fate.ORPHANED, Fate.YOURS, Fate.NO_TEXT, Fate.MODE])
def test_what_is_not_taken_over_has_a_reason(fate: Fate) -> None:
    assert len(told(replace(CHANGE, fate=fate)).partition("a/file")[2].strip()) > 10


@pytest.mark.parametrize("obstacle", list(Obstacle))
def test_each_obstacle_has_its_words(obstacle: Obstacle) -> None:
    row = told(replace(CHANGE, fate=Fate.OBSTRUCTED, held=Held(obstacle=obstacle)))
    assert len(row.partition("a/file")[2].strip()) > 10


def test_a_lock_file_says_what_to_run_and_where() -> None:
    locked = replace(CHANGE, fate=Fate.LOCKED)
    assert "run `uv lock`" in told(replace(locked, path="uv.lock"))
    page = replace(locked, path="services/page/package-lock.json")
    assert "run `cd services/page && npm install`" in told(page)


def test_conflicts_come_last_with_their_lines_and_what_to_do() -> None:
    conflict = replace(CHANGE, path="Makefile", fate=Fate.CONFLICT, marks=(3, 12))
    lines = update_lines(update(conflict, CHANGE))
    assert lines == [
        "scaffold 0.1.0 → 0.2.0",
        "  replaced   a/file",
        "  conflict   Makefile:3 Makefile:12",
        "1 replaced, 1 conflict, 0 unchanged",
        "next: resolve what is marked in 1 file; make test",
    ]


def test_a_conflict_that_was_there_is_told_as_such() -> None:
    left = replace(CHANGE, fate=Fate.CONFLICT, marks=(3,), content=HELD.content)
    assert "still to be resolved" in told(left)


def test_nothing_new_is_one_line() -> None:
    same = replace(CHANGE, fate=Fate.SAME, content=HELD.content)
    assert update_lines(update(same)) == ["the scaffold of seatrial 0.2.0 is in: no file changes"]
    assert diff_lines(update(same)) == []


def test_a_dry_run_names_what_is_to_be_committed() -> None:
    lines = update_lines(update(CHANGE), dry_run=True, uncommitted=("a/file",))
    assert lines[0] == "scaffold 0.1.0 → 0.2.0, dry run"
    assert lines[-2:] == [
        "nothing was written",
        "to be committed before, or --allow-dirty: a/file",
    ]


def test_without_git_a_merge_is_warned_of() -> None:
    merged = replace(CHANGE, fate=Fate.MERGED)
    assert "cannot be taken back" in update_lines(update(merged), uncommitted=None)[-1]
    assert "taken back" not in "".join(update_lines(update(CHANGE), uncommitted=None))


def test_the_lines_can_be_plain_ascii_and_coloured() -> None:
    assert all(line.isascii() for line in update_lines(update(CHANGE), ascii=True))
    assert any("\x1b[32m" in line for line in update_lines(update(CHANGE), colour=True))
    assert any("\x1b[31m-old" in line for line in diff_lines(update(CHANGE), colour=True))


def test_a_diff_has_both_names() -> None:
    assert diff_lines(update(CHANGE)) == [
        "--- a/a/file",
        "+++ b/a/file",
        "@@ -1,2 +1,2 @@",
        "-old",
        "+new",
        " same",
    ]
    added = replace(CHANGE, held=Held())
    removed = replace(CHANGE, content=None)
    assert diff_lines(update(added))[0] == "--- /dev/null"
    assert diff_lines(update(removed))[1] == "+++ /dev/null"


def test_a_mode_alone_has_no_diff() -> None:
    mode = replace(CHANGE, fate=Fate.MODE, content=HELD.content, executable=True)
    assert diff_lines(update(mode)) == []


def test_a_files_own_escapes_do_not_reach_the_terminal() -> None:
    evil = replace(CHANGE, held=Held(b"\x1b[2Jold\n"), path="a\x1b[2J")
    assert "\x1b" not in "".join([*update_lines(update(evil)), *diff_lines(update(evil))])
