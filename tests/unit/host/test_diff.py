from __future__ import annotations

import os
from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.host.diff import Changes, Reason, Unknown, changed_files
from tests.support.history import Checkout, checkout

ENVIRONMENT = dict(os.environ)


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    return checkout((tmp_path / "repo").resolve())


def changes(repo: Checkout, base: str | None = None) -> Changes:
    answer = changed_files(repo.root, base, ENVIRONMENT)
    assert isinstance(answer, Changes), answer
    return answer


def named(repo: Checkout, base: str | None = None) -> dict[str, str]:
    files = changes(repo, base).files
    return {str(file.path.relative_to(repo.root)): str(file.how) for file in files}


def reason(repo: Checkout, base: str | None = None) -> Reason:
    answer = changed_files(repo.root, base, ENVIRONMENT)
    assert isinstance(answer, Unknown), answer
    return answer.reason


def test_a_clean_checkout_has_no_changes(repo: Checkout) -> None:
    assert named(repo) == {}
    assert changes(repo).base == "HEAD"


def test_staged_unstaged_and_untracked_work_counts(repo: Checkout) -> None:
    repo.write("staged.txt")
    repo.git("add", "staged.txt")
    repo.write("kept.txt", "other\n")
    repo.write("a/new.txt")
    assert named(repo) == {
        "staged.txt": "added",
        "kept.txt": "changed",
        "a/new.txt": "untracked",
    }


def test_what_is_staged_counts_though_the_work_tree_took_it_back(repo: Checkout) -> None:
    repo.write("kept.txt", "other\n")
    repo.git("add", "kept.txt")
    repo.write("kept.txt")
    assert named(repo) == {"kept.txt": "changed"}


def test_a_rename_is_a_deletion_and_an_addition(repo: Checkout) -> None:
    repo.git("mv", "kept.txt", "moved.txt")
    assert named(repo) == {"kept.txt": "deleted", "moved.txt": "added"}


def test_a_deleted_file_counts_whether_git_was_told_or_not(repo: Checkout) -> None:
    (repo.root / "kept.txt").unlink()
    assert named(repo) == {"kept.txt": "deleted"}
    repo.git("add", "-A")
    assert named(repo) == {"kept.txt": "deleted"}


def test_what_git_ignores_does_not_count(repo: Checkout) -> None:
    repo.write(".gitignore", "*.log\n")
    repo.write("noise.log")
    assert named(repo) == {".gitignore": "untracked"}


def test_odd_names_come_through(repo: Checkout) -> None:
    odd = [
        "with space",
        "quo\"te'",
        "new\nline",
        "tab\t",
        "-dash",
        "ümläut",
        ":(top)x",
        "bad\udcff",
    ]
    for name in odd:
        repo.write(f"{name}.txt")
    repo.git("add", "--", "ümläut.txt")
    assert set(named(repo)) == {f"{name}.txt" for name in odd}


def test_the_users_settings_of_git_hide_nothing(repo: Checkout) -> None:
    repo.write("sub/one.txt")
    repo.commit()
    for key, value in {
        "diff.relative": "true",
        "diff.renames": "copies",
        "diff.external": "false",
        "status.showUntrackedFiles": "no",
        "core.quotePath": "true",
    }.items():
        repo.git("config", key, value)
    repo.git("mv", "kept.txt", "sub/ü.txt")
    repo.write("new.txt")
    answer = changed_files(repo.root / "sub", None, ENVIRONMENT)
    assert isinstance(answer, Changes)
    assert {file.path.name for file in answer.files} == {"kept.txt", "ü.txt", "new.txt"}


def test_variables_of_a_hook_do_not_lead_elsewhere(repo: Checkout, tmp_path: Path) -> None:
    other = checkout(tmp_path / "other")
    repo.write("new.txt")
    hook = {"GIT_DIR": str(other.root / ".git"), "GIT_INDEX_FILE": str(tmp_path / "index")}
    answer = changed_files(repo.root, None, {**ENVIRONMENT, **hook})
    assert isinstance(answer, Changes)
    assert [file.path.name for file in answer.files] == ["new.txt"]


def test_commits_of_a_branch_count_from_where_it_left_main(repo: Checkout) -> None:
    repo.git("switch", "-q", "-c", "feature")
    repo.write("mine.txt")
    repo.commit()
    repo.git("switch", "-q", "main")
    repo.write("theirs.txt")
    repo.commit()
    repo.git("switch", "-q", "feature")
    assert named(repo) == {"mine.txt": "added"}
    assert changes(repo).base == "main"


def test_the_default_branch_of_origin_is_the_base(repo: Checkout, tmp_path: Path) -> None:
    repo.git("branch", "-m", "trunk")
    clone = repo.clone(tmp_path / "clone")
    clone.write("mine.txt")
    clone.commit()
    assert changes(clone).base == "origin/HEAD"
    assert named(clone) == {"mine.txt": "added"}


def test_origin_main_is_the_base_where_origin_has_no_head(repo: Checkout, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "clone")
    clone.git("remote", "set-head", "origin", "--delete")
    clone.write("mine.txt")
    clone.commit()
    assert (changes(clone).base, named(clone)) == ("origin/main", {"mine.txt": "added"})


def test_a_detached_head_is_compared_with_main(repo: Checkout) -> None:
    repo.write("mine.txt")
    commit = repo.commit()
    repo.git("switch", "-q", "--detach")
    repo.git("branch", "-f", "main", f"{commit}~1")
    assert (changes(repo).base, named(repo)) == ("main", {"mine.txt": "added"})


def test_a_base_that_is_given_wins(repo: Checkout) -> None:
    repo.git("tag", "v1")
    repo.write("mine.txt")
    repo.commit()
    assert named(repo) == {}
    assert named(repo, "v1") == {"mine.txt": "added"}
    assert named(repo, "HEAD~1") == {"mine.txt": "added"}


def test_a_linked_work_tree_is_looked_at_itself(repo: Checkout, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "linked"))
    linked = Checkout(tmp_path / "linked")
    linked.write("mine.txt")
    assert named(linked) == {"mine.txt": "untracked"}
    assert named(repo) == {}


def test_a_submodule_is_one_changed_path(repo: Checkout, tmp_path: Path) -> None:
    lib = checkout(tmp_path / "lib")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(lib.root), "libs/it")
    repo.commit()
    repo.git("config", "diff.ignoreSubmodules", "all")
    repo.write("libs/it/kept.txt", "other\n")
    assert named(repo) == {"libs/it": "changed"}


def test_a_repository_inside_is_one_path(repo: Checkout) -> None:
    checkout(repo.root / "inner")
    assert named(repo) == {"inner": "untracked"}


def test_an_unknown_base_is_told_with_the_nearest_refs(repo: Checkout) -> None:
    repo.git("branch", "develop")
    with pytest.raises(UsageError) as caught:
        changed_files(repo.root, "develp", ENVIRONMENT)
    assert "'develp' is no commit" in caught.value.what
    assert "did you mean 'develop'?" in caught.value.mend
    assert "there are: develop, main" in caught.value.mend


def test_a_base_that_looks_like_an_option_is_no_commit(repo: Checkout) -> None:
    with pytest.raises(UsageError):
        changed_files(repo.root, "--all", ENVIRONMENT)


def test_a_commit_that_is_not_here_leaves_the_changes_unknown(repo: Checkout) -> None:
    assert reason(repo, "0" * 40) is Reason.ABSENT


def test_histories_without_a_common_commit_leave_them_unknown(repo: Checkout) -> None:
    repo.git("switch", "-q", "--orphan", "lone")
    repo.write("mine.txt")
    repo.commit()
    assert reason(repo) is Reason.UNRELATED


def test_a_shallow_clone_leaves_them_unknown(repo: Checkout, tmp_path: Path) -> None:
    repo.write("second.txt")
    repo.commit()
    shallow = repo.clone(tmp_path / "shallow", "--depth=1")
    assert reason(shallow) is Reason.SHALLOW
    assert reason(shallow, "HEAD~1") is Reason.SHALLOW


def test_a_shallow_clone_that_reaches_the_base_is_enough(repo: Checkout, tmp_path: Path) -> None:
    repo.write("second.txt")
    repo.commit()
    repo.write("third.txt")
    repo.commit()
    shallow = repo.clone(tmp_path / "shallow", "--depth=2")
    assert named(shallow, "HEAD~1") == {"third.txt": "added"}


def test_a_repository_without_commits_leaves_them_unknown(tmp_path: Path) -> None:
    empty = Checkout(tmp_path)
    empty.git("init", "-q")
    assert reason(empty) is Reason.UNBORN


def test_a_folder_outside_of_git_leaves_them_unknown(tmp_path: Path) -> None:
    assert reason(Checkout(tmp_path)) is Reason.NO_REPOSITORY


def test_a_machine_without_git_leaves_them_unknown(repo: Checkout, tmp_path: Path) -> None:
    answer = changed_files(repo.root, None, {**ENVIRONMENT, "PATH": str(tmp_path)})
    assert answer == Unknown(Reason.NO_GIT)


def test_a_repository_in_a_folder_that_git_ignores_is_told_for_nobody_knows(
    repo: Checkout,
) -> None:
    repo.write(".gitignore", "/services/other/\n")
    repo.commit()
    checkout(repo.root / "services/other")
    folders = [repo.root / "services" / name for name in ("other", "own")]
    answer = changed_files(repo.root, None, ENVIRONMENT, folders)
    assert isinstance(answer, Changes)
    assert [(file.path, str(file.how)) for file in answer.files] == [(folders[0], "ignored")]


def test_a_folder_that_git_ignores_leaves_them_unknown(repo: Checkout) -> None:
    repo.write(".gitignore", "/out/\n")
    repo.write("out/copy/file.txt")
    assert reason(Checkout(repo.root / "out/copy")) is Reason.IGNORED


def test_a_broken_repository_is_told_in_gits_own_words(repo: Checkout) -> None:
    (repo.root / ".git/config").write_text("[broken")
    answer = changed_files(repo.root, None, ENVIRONMENT)
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.FAILED
    assert "config" in answer.detail
