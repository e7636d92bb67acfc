"""A git repository is made, or it is said why not."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from seatrial.host.git import is_repo, make_repo
from seatrial.host.processes import Processes


def made(folder: Path, **variables: str) -> str:
    folder.mkdir(exist_ok=True)
    return asyncio.run(make_repo(folder, Processes({**os.environ, **variables})))


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder for PATH with a git that refuses."""
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'hint: many words' >&2\necho 'fatal: no' >&2\nexit 128\n")
    program.chmod(0o755)
    return program.parent


def test_a_repository_is_made_here_whatever_a_hook_has_set(tmp_path: Path) -> None:
    assert made(tmp_path / "a", GIT_DIR=str(tmp_path / "other")) == ""
    assert is_repo(tmp_path / "a")
    assert not (tmp_path / "other").exists()


def test_what_git_says_last_is_the_reason(tmp_path: Path, stand_in: Path) -> None:
    assert made(tmp_path / "a", PATH=str(stand_in)) == "fatal: no"


def test_without_git_that_is_the_reason(tmp_path: Path) -> None:
    assert made(tmp_path / "a", PATH=str(tmp_path)) == "there is no git here"
