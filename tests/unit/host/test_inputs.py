"""The digest of what is checked out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from seatrial.host.inputs import inputs
from seatrial.host.processes import Processes
from tests.support.history import Checkout, checkout


@pytest.fixture
def repo(tmp_path: Path) -> Checkout:
    return checkout(tmp_path / "repo")


def digest(root: Path, **environment: str) -> str:
    return asyncio.run(inputs(root, Processes({**os.environ, **environment})))


def edited(repo: Checkout) -> None:
    repo.write("kept.txt", "other\n")


def of_the_same_size(repo: Checkout) -> None:
    repo.write("kept.txt", "TEXT\n")


def added(repo: Checkout) -> None:
    repo.write("a folder/new\tone.txt")


def staged(repo: Checkout) -> None:
    repo.write("staged.txt")
    repo.git("add", "staged.txt")


def deleted(repo: Checkout) -> None:
    (repo.root / "kept.txt").unlink()


def renamed(repo: Checkout) -> None:
    repo.git("mv", "kept.txt", "moved.txt")


def executable(repo: Checkout) -> None:
    (repo.root / "kept.txt").chmod(0o755)


def a_link(repo: Checkout) -> None:
    (repo.root / "link").symlink_to("kept.txt")


CHANGES = [edited, of_the_same_size, added, staged, deleted, renamed, executable, a_link]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_gives_another_digest_and_committing_it_the_same(
    repo: Checkout, change: Callable[[Checkout], None]
) -> None:
    before = digest(repo.root)
    change(repo)
    after = digest(repo.root)
    assert len({"", before, after}) == 3
    repo.commit()
    assert digest(repo.root) == after


def test_it_is_that_of_the_whole_work_tree_wherever_one_asks(repo: Checkout) -> None:
    repo.write("services/a/new.txt")
    assert digest(repo.root / "services" / "a") == digest(repo.root)
    assert digest(repo.root, GIT_DIR="/nowhere") == digest(repo.root)


def test_what_is_ignored_or_left_by_a_runner_does_not_count(repo: Checkout) -> None:
    repo.write(".gitignore", "*.log\n")
    before = digest(repo.root)
    repo.write("run.log")
    repo.write("tests/__pycache__/test_a.cpython-312.pyc")
    repo.write("node_modules/left/index.js")
    assert digest(repo.root) == before


def test_before_the_first_commit_there_is_one_as_well(tmp_path: Path) -> None:
    repo = Checkout(tmp_path)
    repo.git("init", "-q")
    repo.write("a.txt")
    before = digest(tmp_path)
    repo.commit()
    assert digest(tmp_path) == before != ""


def test_without_git_there_is_none(tmp_path: Path) -> None:
    assert digest(tmp_path) == ""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("nonsense\n")
    assert digest(tmp_path) == ""


def test_a_submodule_that_was_changed_leaves_it_open(repo: Checkout, tmp_path: Path) -> None:
    inner = checkout(tmp_path / "inner")
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.root), "sub")
    repo.commit()
    assert digest(repo.root)
    (repo.root / "sub" / "kept.txt").write_text("other\n")
    assert digest(repo.root) == ""


def test_a_repository_inside_leaves_it_open(repo: Checkout) -> None:
    checkout(repo.root / "inside")
    assert digest(repo.root) == ""


def test_what_would_cost_too_much_leaves_it_open(
    repo: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("large.bin", "x" * 100)
    monkeypatch.setattr("seatrial.host.inputs._MOST_BYTES", 99)
    assert digest(repo.root) == ""
    monkeypatch.undo()
    monkeypatch.setattr("seatrial.host.inputs._MOST_FILES", 0)
    assert digest(repo.root) == ""
