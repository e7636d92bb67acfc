"""The smaller parts: images, blocks, logs, listeners, leftovers, health."""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
from pathlib import Path

import pytest

from seatrial.errors import EnvironmentFailure, RuntimeMissing, Where
from seatrial.host.processes import Completed
from seatrial.host.system import start_time
from seatrial.runtimes.process import images, listening
from seatrial.runtimes.process.health import Health, Unhealthy, until_healthy
from seatrial.runtimes.process.isolation import blocks
from seatrial.runtimes.process.isolation.base import Wanted
from seatrial.runtimes.process.isolation.translate import Translate, is_free
from seatrial.runtimes.process.leftovers import release_folder
from seatrial.runtimes.process.listening import is_listening, on_all_interfaces
from seatrial.runtimes.process.logs import ServiceLog
from seatrial.runtimes.process.plan import Probe
from seatrial.runtimes.process.providers.pginstall import Install, choose
from tests.support.loop import in_a_loop

HERE = Where(Path("compose.yml"), 3)


@pytest.mark.parametrize(
    ("text", "repository", "tag", "major"),
    [
        ("postgres", "postgres", "", None),
        ("postgres:16-alpine", "postgres", "16-alpine", 16),
        ("docker.io/library/postgres:15.4", "postgres", "15.4", 15),
        ("pgvector/pgvector:pg17", "pgvector/pgvector", "pg17", 17),
        ("registry:5000/mirror/redis:7@sha256:ab", "mirror/redis", "7", 7),
        ("valkey/valkey:latest", "valkey/valkey", "latest", None),
    ],
)
def test_an_image_reference_has_its_parts(
    text: str, repository: str, tag: str, major: int | None
) -> None:
    ref = images.parse(text)
    assert (ref.repository, ref.tag, ref.major) == (repository, tag, major)


@pytest.mark.parametrize("pattern", ["mailhog/*", "mailhog/mailhog:v1", "*mailhog*"])
def test_a_glob_means_an_image_with_or_without_its_tag(pattern: str) -> None:
    assert images.parse("mailhog/mailhog:v1").matches(pattern)
    assert not images.parse("postgres:16").matches(pattern)


@pytest.mark.parametrize(
    ("asked", "served"), [(16, 16), (17, 18), (14, 15), (9, 15), (20, 18), (None, 18)]
)
def test_the_nearest_major_version_serves(asked: int | None, served: int) -> None:
    found = [Install(Path("/x"), major, system=False) for major in (16, 18, 15)]
    chosen = choose(found, asked)
    assert chosen is not None
    assert chosen.major == served


def test_a_block_is_taken_once(tmp_path: Path) -> None:
    one = blocks.take(tmp_path, 5)
    two = blocks.take(tmp_path, 5)
    assert (one.prefix, two.prefix) == ("127.64.5", "127.64.6")
    one.close()
    two.close()
    assert list(tmp_path.iterdir()) == []


def test_a_block_of_living_processes_stays_taken_without_its_lock(tmp_path: Path) -> None:
    kept = blocks.take(tmp_path, 5)
    kept.holds([os.getpid()])
    kept.close(empty=False)
    assert blocks.take(tmp_path, 5).prefix == "127.64.6"


def test_a_block_of_the_dead_is_free_again(tmp_path: Path) -> None:
    (tmp_path / "127.64.5").write_text('{"1": "0"}')
    assert blocks.take(tmp_path, 5).prefix == "127.64.5"


def test_a_block_is_opened_again_by_those_who_live_there_and_by_nobody_else(tmp_path: Path) -> None:
    block = blocks.take(tmp_path, 5)
    block.holds([os.getpid()])
    assert blocks.reopen(tmp_path, block.prefix, {}) is None
    block.close(empty=False)
    ours = {os.getpid(): start_time(os.getpid()) or ""}
    assert blocks.reopen(tmp_path, block.prefix, {}) is None
    again = blocks.reopen(tmp_path, block.prefix, ours)
    assert again is not None
    assert again.host(2) == "127.64.5.2"


def test_where_only_one_address_answers_each_service_gets_free_ports(tmp_path: Path) -> None:
    translate = Translate(tmp_path, 0, whole_loopback=False)
    site = translate.open([Wanted("a", (80,), ("a",)), Wanted("b", (80,), ("b",))])
    ports = {site.addresses[name].port(80) for name in ("a", "b")}
    assert len(ports) == 2
    assert {address.host for address in site.addresses.values()} == {"127.0.0.1"}


def test_a_wildcard_listener_takes_its_port_on_every_address(tmp_path: Path) -> None:
    with contextlib.closing(socket.socket()) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert not is_free("127.70.0.2", port)
        site = Translate(tmp_path, 0).open([Wanted("a", (port,))])
        assert site.addresses["a"].moved
        site.close()
    assert is_free("127.70.0.2", port)


def test_a_listener_is_seen_without_a_connection() -> None:
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.70.1.2", 0))
        port = listener.getsockname()[1]
        assert not is_listening("127.70.1.2", {port}, os.getsid(0))
        listener.listen()
        assert is_listening("127.70.1.2", {port}, os.getsid(0))
        assert not is_listening("127.70.1.3", {port}, os.getsid(0))
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_the_kernels_monitor_and_its_table_tell_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        contextlib.closing(socket.socket(socket.AF_INET6)) as six,
        contextlib.closing(socket.socket()) as four,
    ):
        six.bind(("::1", 0))
        four.bind(("127.70.4.2", 0))
        wanted = set()
        for one in (six, four):
            one.listen()
            wanted.add(one.getsockname()[:2])
        by_monitor = listening.listeners()
        monkeypatch.setattr(listening, "_NETLINK_SOCK_DIAG", 99)
        by_table = listening.listeners()
        for found in (by_monitor, by_table):
            assert found is not None
            assert wanted <= {(one.host, one.port) for one in found}
        mine = {os.fstat(one.fileno()).st_ino for one in (six, four)}
        assert by_monitor is not None
        assert mine <= {int(one.inode) for one in by_monitor}


def test_a_wildcard_listener_counts_only_for_its_own_session() -> None:
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        port = listener.getsockname()[1]
        assert is_listening("127.70.1.2", {port}, os.getpgid(0))
        assert port in on_all_interfaces(os.getpgid(0))
        assert not is_listening("127.70.1.2", {port}, 1)


def test_a_log_answers_by_marks_and_keeps_half_a_character(tmp_path: Path) -> None:
    log = ServiceLog("api", tmp_path / "api.log")
    assert log.lines(None, 10) == ()
    log.path.write_bytes(b"one\ntwo\n")
    log.mark(10.0)
    with log.path.open("ab") as stream:
        stream.write(b"three\r\nfour \xc3")
    assert [line.text for line in log.lines(None, 10)] == ["one", "two", "three", "four \ufffd"]
    assert [(line.at, line.text) for line in log.lines(12.0, 10)] == [
        (10.0, "three"),
        (10.0, "four \ufffd"),
    ]
    assert [line.text for line in log.lines(None, 1)] == ["four \ufffd"]


def test_a_huge_log_is_read_from_its_end(tmp_path: Path) -> None:
    log = ServiceLog("api", tmp_path / "api.log")
    log.path.write_bytes(b"x" * 50 + b"\n" + b"y" * 10_000_000 + b"\nlast\n")
    lines = log.lines(None, 3)
    assert lines[-1].text == "last"
    assert sum(len(line.text) for line in lines) < 10_000


def _shm(size: int = 4096) -> tuple[int, int]:
    libc = ctypes.CDLL(None, use_errno=True)
    key = 0x5EA7 + os.getpid()
    return key, libc.shmget(key, size, 0o1600)


def _segments() -> set[str]:
    rows = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    return {row.split()[1] for row in rows}


def test_the_segment_of_a_dead_postmaster_is_freed_and_that_of_a_living_one_kept(
    tmp_path: Path,
) -> None:
    key, identity = _shm()
    cluster = tmp_path / "db/cluster"
    cluster.mkdir(parents=True)
    pid_file = cluster / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/d\n1\n5432\n/s\n*\n {key}  {identity}\nready\n")
    release_folder(tmp_path)
    assert str(identity) in _segments()
    pid_file.write_text(f"999999999\n/d\n1\n5432\n/s\n*\n {key + 1}  {identity}\nready\n")
    release_folder(tmp_path)
    assert str(identity) in _segments()
    pid_file.write_text(f"999999999\n/d\n1\n5432\n/s\n*\n {key}  {identity}\nready\n")
    release_folder(tmp_path)
    assert str(identity) not in _segments()


class Answers:
    """A service whose check gives these answers one after another, the last one for ever."""

    def __init__(self, *answers: Completed) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, probe: Probe) -> Completed:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def answer(code: int, out: str = "", err: str = "") -> Completed:
    return Completed(("check",), code, out, err)


@in_a_loop
async def test_a_check_is_asked_until_it_passes() -> None:
    ask = Answers(answer(1), answer(1), answer(0))
    await until_healthy("api", Probe(("check",), HERE), ask, Health())
    assert ask.asked == 3


@in_a_loop
async def test_a_check_that_keeps_failing_is_given_as_long_as_compose_gives_it() -> None:
    ask, health = Answers(answer(1, "no\n")), Health()
    probe = Probe(("check",), HERE, interval=0.05, retries=3, start_period=0.1)
    with pytest.raises(Unhealthy) as caught:
        await until_healthy("api", probe, ask, health)
    assert caught.value.failures >= 3
    assert caught.value.output == health.output == ("no",)


@in_a_loop
async def test_a_shell_that_finds_no_program_is_believed_at_once() -> None:
    ask = Answers(answer(1, err="sh: 1: curl: not found\n"))
    with pytest.raises(RuntimeMissing, match="the health check of api calls curl"):
        await until_healthy("api", Probe(("check",), HERE), ask, Health())
    assert ask.asked == 1


def test_all_blocks_taken_is_an_error_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "_COUNT", 1)
    held = blocks.take(tmp_path, 0)
    with pytest.raises(EnvironmentFailure) as caught:
        blocks.take(tmp_path, 0)
    assert "seatrial gc" in caught.value.mend
    held.close()
