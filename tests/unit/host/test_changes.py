"""Many files, all of them or none."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from seatrial.errors import EnvironmentFailure
from seatrial.host.changes import Change, apply


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.txt"
    path.write_text("mine\n")
    path.chmod(0o640)
    return path


def test_new_files_and_changed_ones_are_written(tmp_path: Path, mine: Path) -> None:
    run = tmp_path / "a/b/run"
    apply([Change(run, b"x\r\n", executable=True), Change(mine, b"new", before=b"mine\n")])
    assert run.read_bytes() == b"x\r\n"
    assert os.access(run, os.X_OK)
    assert mine.read_bytes() == b"new"
    assert mine.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "mine.txt"]


def test_a_link_stays_a_link(tmp_path: Path, mine: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(mine)
    apply([Change(link, b"new", before=b"mine\n")])
    assert link.is_symlink()
    assert mine.read_bytes() == b"new"


def test_a_failure_puts_everything_back(tmp_path: Path, mine: Path) -> None:
    (tmp_path / "there").mkdir()
    before = snapshot(tmp_path)
    with pytest.raises(EnvironmentFailure, match="not a directory; all is as it was"):
        apply(
            [
                Change(tmp_path / "new/deep/file", b"x"),
                Change(tmp_path / "there/file", b"x"),
                Change(mine, b"new", before=b"mine\n"),
                Change(mine / "below", b"x"),
            ]
        )
    assert snapshot(tmp_path) == before


@pytest.fixture
def little_room() -> Iterator[None]:
    """Let no file grow beyond a few bytes: writing fails as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("little_room")
@pytest.mark.parametrize("new", [True, False])
def test_no_room_puts_everything_back(tmp_path: Path, mine: Path, new: bool) -> None:
    before = snapshot(tmp_path)
    small = [Change(mine, b"new", before=b"mine\n"), Change(tmp_path / "a/b", b"x")]
    large = Change(tmp_path / "c", b"x" * 9) if new else Change(mine, b"x" * 9, before=b"new")
    with pytest.raises(EnvironmentFailure, match="too large; all is as it was"):
        apply([*small, large])
    assert snapshot(tmp_path) == before


def test_an_interrupt_puts_everything_back(tmp_path: Path, mine: Path) -> None:
    before = snapshot(tmp_path)

    def changes() -> Iterator[Change]:
        yield Change(mine, b"new", before=b"mine\n")
        yield Change(tmp_path / "new", b"x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply(changes())
    assert snapshot(tmp_path) == before


def test_a_file_that_somebody_else_changed_meanwhile_is_left_alone(mine: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="changed meanwhile"):
        apply([Change(mine, b"new", before=b"what it was when it was read")])
    assert mine.read_bytes() == b"mine\n"


def test_a_file_that_came_meanwhile_is_left_alone(mine: Path) -> None:
    with pytest.raises(EnvironmentFailure, match="is there by now"):
        apply([Change(mine, b"new")])
    assert mine.read_bytes() == b"mine\n"
