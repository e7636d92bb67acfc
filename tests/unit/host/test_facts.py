from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from seatrial.host import facts

linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")


def test_a_folder_that_is_not_there_yet_lies_where_its_parent_lies(tmp_path: Path) -> None:
    space = facts.space_of(tmp_path / "not/yet")
    assert space.kind == facts.space_of(tmp_path).kind
    assert space.path == tmp_path / "not/yet"
    assert space.free > 0


@linux
def test_the_deepest_mount_tells_the_file_system() -> None:
    assert facts.space_of(Path("/proc/self/fd")).kind == "proc"
    assert facts.space_of(Path("/")).kind not in ("", "proc")


@linux
def test_the_memory_folder_is_in_memory() -> None:
    memory = facts.memory_folder()
    assert memory is None or memory.kind in ("tmpfs", "ramfs")


@linux
def test_linux_listens_on_any_loopback_address() -> None:
    with socket.socket() as probe:
        probe.bind(("127.61.80.3", 0))
    assert facts.has_loopback_aliases()


def test_some_files_may_be_open() -> None:
    assert facts.open_files() > 2
