from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.host import git

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def run(folder: Path, *words: str) -> None:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    run(folder, "commit", "-q", "--allow-empty", "-m", "First")
    return folder


def test_the_branch_is_read_from_anywhere_inside(repo: Path) -> None:
    deep = repo / "a/b"
    deep.mkdir(parents=True)
    assert git.head(deep) == git.Head(branch="main")
    assert git.toplevel(deep) == repo


def test_a_branch_without_a_commit_has_a_name(tmp_path: Path) -> None:
    run(tmp_path, "init", "-q", "-b", "empty")
    assert git.head(tmp_path) == git.Head(branch="empty")


@pytest.mark.parametrize("name", ["feature/a/b", "größe", "x" * 200])
def test_odd_branches_keep_their_names(repo: Path, name: str) -> None:
    run(repo, "checkout", "-q", "-b", name)
    assert git.head(repo) == git.Head(branch=name)


def test_a_detached_head_is_its_commit(repo: Path) -> None:
    run(repo, "checkout", "-q", "--detach")
    head = git.head(repo)
    assert head is not None
    assert head.branch is None
    assert str(head).startswith("at-")
    assert len(head.commit or "") == 40


def test_a_linked_work_tree_has_its_own_branch(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    run(repo, "worktree", "add", "-q", "-b", "other", str(linked))
    assert git.head(linked) == git.Head(branch="other")
    assert git.toplevel(linked) == linked
    assert git.head(repo) == git.Head(branch="main")


def test_a_submodule_names_its_folder_relatively(repo: Path) -> None:
    (repo / "modules/x").mkdir(parents=True)
    (repo / "modules/x/HEAD").write_text("ref: refs/heads/sub\n")
    (repo / "x").mkdir()
    (repo / "x/.git").write_text("gitdir: ../modules/x\n")
    assert git.head(repo / "x") == git.Head(branch="sub")


def test_the_reftable_format_is_asked_of_git(tmp_path: Path) -> None:
    made = subprocess.run(
        ["git", "init", "-q", "-b", "tables", "--ref-format=reftable"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip("this git has no reftable")
    assert git.head(tmp_path) == git.Head(branch="tables")


def test_a_head_that_git_cannot_tell_is_empty(repo: Path) -> None:
    (repo / ".git/HEAD").write_text("nonsense\n")
    assert str(git.head(repo)) == ""


def test_outside_of_git_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert git.head(tmp_path) is None
    assert not git.is_repo(tmp_path)


def test_what_git_ignores_is_told_below_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("made/\n*.log\n")
    for name in ("a/made/x", "a/é.log", "a/kept", "b.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    # As in a hook of another repository.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert sorted(git.ignored(tmp_path)) == ["a/made/", "a/é.log", "b.log"]
    assert sorted(git.ignored(tmp_path / "a")) == ["made/", "é.log"]


def test_nothing_is_ignored_outside_of_git(tmp_path: Path) -> None:
    assert git.ignored(tmp_path) == ()


def commit_of(folder: Path) -> str:
    said = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True
    )
    return said.stdout.strip()


@pytest.mark.parametrize("packed", [False, True])
def test_branch_and_commit_are_read_from_gits_files(repo: Path, packed: bool) -> None:
    if packed:
        run(repo, "pack-refs", "--all")
    assert git.checked_out(repo) == ("main", commit_of(repo))


def test_a_linked_work_tree_shares_the_branches_of_the_first(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    run(repo, "worktree", "add", "-q", "-b", "other", str(linked))
    run(linked, "commit", "-q", "--allow-empty", "-m", "Second")
    assert git.checked_out(linked) == ("other", commit_of(linked))
    assert commit_of(linked) != commit_of(repo)


def test_a_detached_head_is_a_commit_without_a_branch(repo: Path) -> None:
    run(repo, "checkout", "-q", "--detach")
    assert git.checked_out(repo) == ("", commit_of(repo))


def test_a_new_branch_has_no_commit_and_a_bare_folder_neither(tmp_path: Path) -> None:
    assert git.checked_out(tmp_path) == ("", "")
    run(tmp_path, "init", "-q", "-b", "empty")
    assert git.checked_out(tmp_path) == ("empty", "")
