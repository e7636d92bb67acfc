"""Git's three-way merge, and what git can give back."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from seatrial.errors import EnvironmentFailure, RuntimeMissing
from seatrial.host.merge import committed, merge_file
from seatrial.host.processes import Processes

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")

LABELS = ("yours", "as it was made", "scaffold 0.2.0")
BASE = "a\nb\nc\nd\ne\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a user without settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "HOME": str(tmp_path / "home"), "GIT_CONFIG_NOSYSTEM": "1"}


def git(folder: Path, *words: str) -> None:
    settings = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


def merged(mine: str, new: str, folder: Path, environment: Mapping[str, str]) -> str:
    texts = (mine, BASE, new)
    return asyncio.run(merge_file(texts, LABELS, folder, Processes(environment)))


def safe(folder: Path, environment: Mapping[str, str]) -> frozenset[str] | None:
    return asyncio.run(committed(folder, Processes(environment)))


def test_changes_in_two_places_become_one_text(tmp_path: Path, environment: dict[str, str]) -> None:
    mine, new = "a\nmine\nc\nd\ne\n", "a\nb\nc\nd\nnew ☕"
    assert merged(mine, new, tmp_path, environment) == "a\nmine\nc\nd\nnew ☕"


def test_the_same_change_on_both_sides_is_one(tmp_path: Path, environment: dict[str, str]) -> None:
    text = "a\nsame\nc\nd\ne\n"
    assert merged(text, text, tmp_path, environment) == text


def test_two_changes_of_one_line_are_marked(tmp_path: Path, environment: dict[str, str]) -> None:
    mine, new = "a\nmine\nc\nd\ne\n", "a\nnew\nc\nd\ne\n"
    assert merged(mine, new, tmp_path, environment) == (
        "a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> scaffold 0.2.0\nc\nd\ne\n"
    )


def test_the_users_style_of_marks_is_kept(tmp_path: Path, environment: dict[str, str]) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "merge.conflictStyle", "diff3")
    text = merged("a\nmine\nc\nd\ne\n", "a\nnew\nc\nd\ne\n", tmp_path, environment)
    assert "||||||| as it was made\nb\n" in text


def test_what_git_cannot_merge_is_an_error(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(EnvironmentFailure, match="merge-file failed") as caught:
        merged("a\0b", "a\nb\n", tmp_path, environment)
    assert "binary" in "".join(caught.value.detail)


def test_no_git_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeMissing):
        merged(BASE, BASE, tmp_path, {"PATH": str(tmp_path)})


def test_only_what_is_committed_as_it_is_can_be_had_back(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    root = tmp_path / "repo" / "below"
    root.mkdir(parents=True)
    git(tmp_path / "repo", "init", "-q")
    for name in ("kept", "edited", "staged", "größe", "gone"):
        (root / name).write_text("x\n")
    (root.parent / "above").write_text("x\n")
    git(root, "add", "-A", "..")
    git(root, "commit", "-q", "-m", "First")
    (root / "edited").write_text("y\n")
    (root / "staged").write_text("y\n")
    (root / "new").write_text("y\n")
    (root / "untracked").write_text("y\n")
    (root / "gone").unlink()
    git(root, "add", "staged", "new")
    assert safe(root, environment) == frozenset({"kept", "größe"})


def test_without_a_commit_nothing_can_be_had_back(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("x\n")
    git(tmp_path, "add", "file")
    assert safe(tmp_path, environment) == frozenset()


def test_a_hook_of_another_repository_does_not_mislead(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init", "-q")
        (tmp_path / name / name).write_text("x\n")
        git(tmp_path / name, "add", name)
        git(tmp_path / name, "commit", "-q", "-m", "First")
    hook = {**environment, "GIT_DIR": str(tmp_path / "one/.git")}
    assert safe(tmp_path / "two", hook) == frozenset({"two"})


def test_outside_of_git_and_without_git_nobody_can_say(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    assert safe(tmp_path, environment) is None
    git(tmp_path, "init", "-q")
    assert safe(tmp_path, {"PATH": str(tmp_path)}) is None
