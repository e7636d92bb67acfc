"""Where an environment's files go, and what its services see of the user's machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from seatrial.runtimes.process import rooms
from seatrial.runtimes.process.surroundings import hidden, path_of, private, stand_ins


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    made = (tmp_path / "tmp", tmp_path / "runtime", tmp_path / "memory")
    for folder in made:
        folder.mkdir()
    return made


def test_data_goes_to_memory_and_logs_to_disk(places: tuple[Path, Path, Path]) -> None:
    temporary, runtime, memory = places
    own = rooms.choose(temporary, runtime, memory)
    own.make()
    assert own.in_memory
    assert (own.data.parent, own.scratch.parent) == (memory, temporary)
    assert own.log("api").parent.is_dir()


def test_without_memory_data_goes_where_a_server_of_ours_reaches_it(
    places: tuple[Path, Path, Path],
) -> None:
    temporary, runtime, memory = places
    memory.rmdir()
    own = rooms.choose(temporary, runtime, memory)
    assert not own.in_memory
    assert own.data.parent == (temporary if os.geteuid() == 0 else runtime)


def test_too_little_memory_is_none(
    places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "_ROOM", 1 << 62)
    assert not rooms.choose(*places).in_memory


def test_other_users_see_nothing_of_an_environment(places: tuple[Path, Path, Path]) -> None:
    own = rooms.choose(*places)
    own.make()
    readable = 0o044
    assert not own.data.stat().st_mode & readable
    assert not own.scratch.stat().st_mode & readable


def test_the_users_own_variables_are_hidden_and_the_machines_kept() -> None:
    seen = hidden(
        {"PATH": "/bin", "LANG": "C", "DATABASE_URL": "x", "PGHOST": "y", "http_proxy": ""}
    )
    assert seen == {"DATABASE_URL": None, "PGHOST": None, "http_proxy": None}


def test_a_service_has_a_home_and_a_temporary_folder_of_its_own(tmp_path: Path) -> None:
    own = private(tmp_path / "api", "token", "127.64.0.2")
    assert Path(own["HOME"]).is_dir()
    assert Path(own["TMPDIR"]).is_dir()
    assert own["SEATRIAL_ENVIRONMENT"] == "token"


def test_a_python_is_made_of_python3_only_where_there_is_none(tmp_path: Path) -> None:
    without = stand_ins(tmp_path / "a", {"python3": "/usr/bin/python3"}.get)
    with_it = stand_ins(tmp_path / "b", {"python3": "/x", "python": "/y"}.get)
    assert (without / "python").readlink() == Path("/usr/bin/python3")
    assert not (with_it / "python").exists()


@pytest.mark.parametrize(("word", "said"), [("-i", "127.64.0.2"), ("-f", "api")])
def test_a_script_learns_the_address_of_its_service(tmp_path: Path, word: str, said: str) -> None:
    folder = stand_ins(tmp_path, lambda _: None)
    env = {"SEATRIAL_ADDRESS": "127.64.0.2", "HOSTNAME": "api", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [folder / "hostname", word], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{said}\n"


def test_a_path_has_no_empty_parts() -> None:
    assert path_of("/a:/b", None, "", Path("/c")) == "/a:/b:/c"
