"""The parts of environments that stand: addresses, where data is kept, the record."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from seatrial.composefile.model import Port
from seatrial.errors import ConfigError, EnvironmentFailure, Where
from seatrial.host.system import boot_id, start_time
from seatrial.host.worktree import Worktree
from seatrial.runtimes.process.isolation import taken as taken_ports
from seatrial.runtimes.process.isolation.base import Address, Wanted
from seatrial.runtimes.process.isolation.fixed import Before, places
from seatrial.runtimes.process.standing import record as records
from seatrial.runtimes.process.standing.data import choose, forget, make
from seatrial.runtimes.process.standing.record import Record, Started
from tests.support.stand import free_port

WHERE = Where(Path("compose.yml"), 3)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives its servers another user")


def port(target: int, published: int | str, host_ip: str | None = None) -> Port:
    return Port(target, WHERE, str(published), host_ip)


@pytest.fixture
def placed(tmp_path: Path) -> Callable[..., tuple[dict[str, Address], str]]:
    def place(
        ports: dict[str, list[Port]], before: Before | None = None, **wanted: tuple[int, ...]
    ) -> tuple[dict[str, Address], str]:
        asked = [Wanted(name, inside, (name,)) for name, inside in wanted.items()]
        known = before or Before()
        site, block = places(asked, ports, known, starting=list(wanted), folder=tmp_path, seed=7)
        site.close()
        return dict(site.addresses), block

    return place


Placed = Callable[..., tuple[dict[str, Address], str]]


def test_a_published_port_is_the_hosts_and_others_are_in_a_block(placed: Placed) -> None:
    number = free_port()
    addresses, block = placed({"api": [port(8000, number)]}, api=(8000,), worker=(9000,))
    assert addresses["api"] == Address("127.0.0.1", {8000: number}, frozenset({8000}))
    assert addresses["worker"] == Address(f"{block}.2", {9000: 9000})


def test_an_address_of_the_loopback_network_is_obeyed(placed: Placed) -> None:
    number = free_port()
    addresses, _ = placed({"api": [port(8000, number, "127.0.0.5")]}, api=(8000,))
    assert addresses["api"].host == "127.0.0.5"


def test_addresses_stay_from_one_time_to_the_next(placed: Placed) -> None:
    first, block = placed({}, api=(8000,), worker=(9000,))
    before = Before(block, first)
    again, same = placed({}, before, other=(8000,), worker=(9000,), api=(8000,))
    assert same == block
    assert again["api"] == first["api"]
    assert again["worker"] == first["worker"]
    assert again["other"].host not in {address.host for address in first.values()}


def test_what_runs_keeps_its_ports_although_they_are_taken_by_itself(placed: Placed) -> None:
    number = free_port()
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", number))
        listener.listen()
        old = Address("127.0.0.1", {8000: number, 9000: 9000}, frozenset({8000}))
        before = Before("", {"api": old}, {}, ["api"])
        ports = {"api": [port(8000, number)]}
        kept, _ = placed(ports, before, api=(8000, 9000))
        assert kept["api"] == old
        more, _ = placed(ports, before, api=(8000, 9000, 9001))
        assert more["api"].ports == {8000: number, 9000: 9000, 9001: 9001}


def test_the_first_free_port_of_a_range_is_taken(placed: Placed) -> None:
    number = free_port()
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", number))
        listener.listen()
        said = port(8000, f"{number}-{number + 20}")
        addresses, _ = placed({"api": [said]}, api=(8000,))
    assert number < addresses["api"].port(8000) <= number + 20


def test_one_port_for_two_services_is_an_error(placed: Placed) -> None:
    ports = {"api": [port(8000, 18000)], "web": [port(3000, 18000)]}
    with pytest.raises(ConfigError, match="api and web both publish port 18000"):
        placed(ports, api=(8000,), web=(3000,))


def test_all_ports_that_are_taken_are_told_at_once(placed: Placed) -> None:
    with closing(socket.socket()) as one, closing(socket.socket()) as two:
        for listener in (one, two):
            listener.bind(("127.0.0.1", 0))
            listener.listen()
        first, second = (listener.getsockname()[1] for listener in (one, two))
        ports = {"api": [port(8000, first)], "web": [port(3000, second)]}
        with pytest.raises(EnvironmentFailure, match=f"port {first}, which") as caught:
            placed(ports, api=(8000,), web=(3000,))
    (other,) = caught.value.detail
    assert f"service web is published on port {second}" in other


@pytest.mark.parametrize(
    ("line", "variable"),
    [
        ('- "127.0.0.1:${API_PORT:-8000}:8000"', "API_PORT"),
        ('- "$API_PORT:8000"', "API_PORT"),
        ('- "${HOST_IP}:${API_PORT}:8000"', "API_PORT"),
        ("  published: ${API_PORT-80}", "API_PORT"),
        ("- target: 8000\n    published: ${API_PORT-80}", "API_PORT"),
        ('- "8000:8000"', None),
    ],
)
def test_a_taken_port_names_the_variable_that_moves_it(
    tmp_path: Path, line: str, variable: str | None
) -> None:
    file = tmp_path / "compose.yml"
    file.write_text(f"ports:\n  {line}\n")
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        number = listener.getsockname()[1]
        error = taken_ports.taken("api", number, Where(file, 2))
    start = f"set {variable} to" if variable else "publish"
    assert error.mend.startswith(f"{start} another port")
    assert f"(process {os.getpid()})" in error.what


def test_a_low_port_says_that_it_takes_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(taken_ports, "_first_unprivileged", lambda: 1024)
    error = taken_ports.taken("web", 80, WHERE)
    assert isinstance(error, EnvironmentFailure)
    assert "ports below 1024 take root" in error.what
    assert error.mend == "publish another port, 1024 or above"


@pytest.fixture
def worktree(tmp_path: Path) -> Worktree:
    (tmp_path / "repo/.seatrial").mkdir(parents=True)
    return Worktree("main-1", tmp_path / "repo", tmp_path / "repo/.seatrial")


def test_data_is_kept_in_the_worktree(
    worktree: Worktree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert choose(worktree, tmp_path, "dev") == worktree.folder / "data/dev"


@as_root
def test_data_is_kept_where_servers_that_are_not_root_get_to(worktree: Worktree) -> None:
    system = Path("/srv/somewhere")
    state = worktree.root.parent / "state"
    assert choose(worktree, state, "dev", system) == system / "main-1/dev"


def test_the_folder_of_data_can_be_passed_and_is_forgotten_when_empty(tmp_path: Path) -> None:
    folder = tmp_path / "ours" / "main-1" / "dev"
    make(folder)
    assert folder.stat().st_mode & 0o777 == 0o711
    (folder / "data").mkdir()
    forget(folder)
    assert folder.exists()
    (folder / "data").rmdir()
    forget(folder)
    assert not folder.parent.exists()


def started(**changes: object) -> Started:
    facts: dict[str, object] = {
        "service": "api",
        "pid": os.getpid(),
        "start": start_time(os.getpid()) or "",
        "boot": boot_id(),
        "began": 1.5,
        "offset": 10,
        "plan": "x",
        "cwd": "/",
        "stop_signal": "SIGTERM",
        "grace": 10.0,
        "after": ("database",),
    }
    return Started(**{**facts, **changes})  # type: ignore[arg-type]  # mixed on purpose


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = Record(Path("/a"), Path("/b"), Path("/c"), "127.64.1", worker=records.me())
    record.services["api"] = started()
    record.addresses["api"] = Address("127.0.0.1", {8000: 8001}, frozenset({8000}))
    path = tmp_path / "up" / "dev.json"
    assert records.read(path) is None
    records.write(path, record)
    assert records.read(path) == record
    assert record.is_changing()


def test_a_spoilt_record_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text("{")
    with pytest.raises(ConfigError, match="is not what seatrial wrote") as caught:
        records.read(path)
    assert caught.value.mend


def test_a_process_of_an_earlier_boot_or_of_another_start_is_not_alive() -> None:
    assert started().alive
    assert not started(boot="another").alive
    assert not started(start="1").alive
