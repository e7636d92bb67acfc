from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path

import pytest

from seatrial.errors import EnvironmentFailure
from seatrial.host.state import new_run_id, user_folders
from tests.support.program import until


def test_the_xdg_folders_are_used_where_they_are_named(tmp_path: Path) -> None:
    named = {f"XDG_{n}": str(tmp_path / n) for n in ("STATE_HOME", "CACHE_HOME", "RUNTIME_DIR")}
    folders = user_folders(named, "linux")
    assert folders.state == tmp_path / "STATE_HOME/seatrial"
    assert folders.cache == tmp_path / "CACHE_HOME/seatrial"
    assert folders.runtime == tmp_path / "RUNTIME_DIR/seatrial"
    assert stat.S_IMODE(folders.state.stat().st_mode) == 0o700


def test_without_them_they_lie_in_the_home(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_STATE_HOME": "relative"}
    folders = user_folders(environment, "linux")
    assert folders.state == tmp_path / ".local/state/seatrial"
    assert folders.cache == tmp_path / ".cache/seatrial"
    assert folders.runtime == tmp_path / f"seatrial-{os.getuid()}/run"


def test_a_mac_has_its_own_places(tmp_path: Path) -> None:
    folders = user_folders({"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}, "darwin")
    assert folders.state == tmp_path / "Library/Application Support/seatrial"
    assert folders.cache == tmp_path / "Library/Caches/seatrial"


@pytest.mark.parametrize("home", ["/dev/null/home", "relative", "/proc/nothing"])
def test_without_a_usable_home_a_private_temporary_folder_serves(tmp_path: Path, home: str) -> None:
    folders = user_folders({"HOME": home, "TMPDIR": str(tmp_path)}, "linux")
    assert folders.state == tmp_path / f"seatrial-{os.getuid()}/state"
    assert stat.S_IMODE(folders.state.parent.stat().st_mode) == 0o700


def test_a_folder_that_somebody_else_could_have_prepared_is_not_trusted(tmp_path: Path) -> None:
    trap = tmp_path / f"seatrial-{os.getuid()}"
    trap.symlink_to(tmp_path)
    folders = user_folders({"HOME": "/dev/null", "TMPDIR": str(tmp_path)}, "linux")
    assert trap not in folders.state.parents
    assert folders.state.is_dir()


def test_nowhere_to_write_is_an_error_with_a_way_out() -> None:
    with pytest.raises(EnvironmentFailure) as caught:
        user_folders({"HOME": "/dev/null", "TMPDIR": "/dev/null"}, "linux")
    assert "TMPDIR" in caught.value.mend


def test_run_ids_sort_by_their_time_and_differ() -> None:
    made = {new_run_id() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{9}", run) for run in made)


def test_run_ids_of_one_second_sort_by_their_time_too() -> None:
    first = new_run_id()
    until(lambda: new_run_id()[:19] != first[:19], "another part of the second")
    assert new_run_id() > first


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("20991231-235959-fffabcdef", "21000101-000000-000"),
        ("20990101-120000-09fabcdef", "20990101-120000-0a0"),
    ],
)
def test_a_clock_that_was_put_back_makes_no_run_older_than_the_one_before(
    before: str, after: str
) -> None:
    assert new_run_id(before).startswith(after)


@pytest.mark.parametrize(
    "before", ["", "20010101-000000-000abcdef", "99999999-999999-fffffffff", "z"]
)
def test_what_is_no_moment_to_come_changes_no_run_id(before: str) -> None:
    now = time.strftime("%Y", time.gmtime())
    assert new_run_id(before)[:4] >= now
    assert not new_run_id(before).startswith("9999")
