from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.host.worktree import Worktree, identify, take_slot

IDENTIFY = """
import sys; from pathlib import Path
from seatrial.host.worktree import identify
print(identify(Path(sys.argv[1]), Path(sys.argv[2])).id)
"""
HOLD = """
import sys; from pathlib import Path
from seatrial.host.worktree import identify, take_slot
print(take_slot(identify(Path(sys.argv[1]), Path(sys.argv[2]))).number, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = (tmp_path / "repo").resolve()
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/HEAD").write_text("ref: refs/heads/feature/Login\n")
    return folder


@pytest.fixture
def worktree(root: Path, state: Path) -> Worktree:
    return identify(root, state)


def test_the_id_reads_as_the_branch_and_stays(root: Path, state: Path) -> None:
    first = identify(root, state)
    assert first.id.startswith("feature-login-")
    (root / ".git/HEAD").write_text("ref: refs/heads/renamed\n")
    assert identify(root, state) == first
    assert first.folder == root / ".seatrial"


def test_git_never_sees_the_folder(root: Path, state: Path) -> None:
    identify(root, state)
    assert (root / ".seatrial/.gitignore").read_text() == "*\n"


def test_a_copied_folder_is_another_worktree(root: Path, state: Path, tmp_path: Path) -> None:
    first = identify(root, state)
    shutil.copytree(root, tmp_path / "copy")
    assert identify(tmp_path / "copy", state).id != first.id
    assert identify(root, state) == first


def test_a_moved_folder_is_another_one_until_it_is_back(
    root: Path, state: Path, tmp_path: Path
) -> None:
    first = identify(root, state)
    root.rename(tmp_path / "moved")
    assert identify(tmp_path / "moved", state).id != first.id
    (tmp_path / "moved").rename(root)
    assert identify(root, state) == first


def test_a_new_folder_in_the_place_of_an_old_one_is_another_one(
    root: Path, state: Path, tmp_path: Path
) -> None:
    first = identify(root, state)
    root.rename(tmp_path / "old")
    shutil.copytree(tmp_path / "old", root)
    assert identify(root, state).id != first.id


def test_a_link_to_a_worktree_is_the_same_one(root: Path, state: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    assert identify(tmp_path / "link", state) == identify(root, state)


def test_a_checkout_that_cannot_be_written_keeps_its_id_in_the_users_folder(
    root: Path, state: Path
) -> None:
    (root / ".seatrial").write_text("in the way, as a read-only file system would be")
    first = identify(root, state)
    assert state in first.folder.parents
    assert identify(root, state) == first


def test_an_id_is_kept_when_its_checkout_cannot_be_written_any_more(
    root: Path, state: Path
) -> None:
    (root / ".seatrial").write_text("")
    before = identify(root, state)
    (root / ".seatrial").unlink()
    assert identify(root, state).id == before.id


def test_where_nothing_can_be_written_the_id_is_still_the_same_every_time(root: Path) -> None:
    (root / ".seatrial").write_text("")
    first = identify(root, Path("/dev/null/state"))
    assert first == identify(root, Path("/dev/null/state"))
    assert first.id.startswith("feature-login-")


def test_a_look_leaves_nothing_behind(root: Path, state: Path) -> None:
    looked = identify(root, state, keep=False)
    assert not (root / ".seatrial").exists()
    assert not state.exists()
    assert looked.id.startswith("feature-login-")
    made = identify(root, state)
    assert identify(root, state, keep=False).id == made.id


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"worktrees": [{}]}', '{"worktrees": 3}'])
def test_a_spoilt_file_is_written_anew(root: Path, state: Path, spoilt: str) -> None:
    (root / ".seatrial").mkdir()
    (root / ".seatrial/worktree.json").write_text(spoilt)
    first = identify(root, state)
    assert identify(root, state) == first
    written = json.loads((root / ".seatrial/worktree.json").read_text())
    assert written["worktrees"][0]["id"] == first.id


def test_outside_of_git_the_folders_name_is_what_reads(tmp_path: Path, state: Path) -> None:
    (tmp_path / "my shop").mkdir()
    assert identify(tmp_path / "my shop", state).id.startswith("my-shop-")


def test_ten_processes_at_once_agree_on_one_id(root: Path, state: Path) -> None:
    words = [sys.executable, "-c", IDENTIFY, str(root), str(state)]
    started = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(10)]
    answers = {process.communicate(timeout=60)[0] for process in started}
    assert len(answers) == 1
    assert answers.pop().strip() == identify(root, state).id


def test_runs_in_one_worktree_hold_different_slots(worktree: Worktree) -> None:
    first, second = take_slot(worktree), take_slot(worktree)
    assert (first.number, second.number) == (1, 2)
    first.close()
    third = take_slot(worktree)
    assert third.number == 1
    second.close()
    third.close()


def test_a_slot_in_use_for_another_reason_is_passed_over(worktree: Worktree) -> None:
    slot = take_slot(worktree, lambda: {1, 2})
    assert slot.number == 3
    slot.close()


@pytest.fixture
def holder(root: Path, state: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root), str(state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def test_the_kernel_frees_the_slot_of_a_killed_run(
    holder: subprocess.Popen[str], worktree: Worktree
) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "1\n"
    beside = take_slot(worktree)
    assert beside.number == 2
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    after = take_slot(worktree)
    assert after.number == 1
    beside.close()
    after.close()
