"""Which engine is reached, where its ports are, and which runtime that leads to."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from seatrial.errors import RuntimeMissing, UsageError
from seatrial.events import RuntimeReason
from seatrial.host.processes import Processes
from seatrial.host.vantage import Vantage, socket_owner
from seatrial.runtimes.choose import choose
from seatrial.runtimes.docker.api import DEFAULT_ADDRESS
from seatrial.runtimes.docker.engine import (
    HOST_VARIABLE,
    numbers,
    overlay,
    reach,
    word,
)
from tests.support.loop import in_a_loop

HOST = Vantage(in_container=False, gateway="192.168.0.1", kernel="6.1")
JOB = Vantage(in_container=True, gateway="172.17.0.1", kernel="6.1")

DOCKER = """#!/bin/sh
test "$1 $2" = "system dial-stdio" || exit 1
if test -n '{server}'
then printf 'HTTP/1.0 200 OK\\r\\n\\r\\n%s' '{server}'
else echo 'Cannot connect to the Docker daemon' >&2; exit 1
fi
"""
COMPOSE = """#!/bin/sh
test "$*" = "version --short" && echo '{compose}'
"""
SERVER = '{"Version":"28.5.2","ApiVersion":"1.51","KernelVersion":"6.1"}'


@pytest.mark.parametrize(
    ("address", "here", "owner", "expected"),
    [
        (DEFAULT_ADDRESS, HOST, 812, "localhost"),
        (DEFAULT_ADDRESS, JOB, 812, "localhost"),
        (DEFAULT_ADDRESS, JOB, 0, "172.17.0.1"),
        ("npipe:////./pipe/docker_engine", HOST, None, "localhost"),
        ("tcp://10.1.2.3:2376", HOST, None, "10.1.2.3"),
        ("tcp://docker:2375", JOB, None, "docker"),
        ("tcp://127.0.0.1:2375", HOST, None, "localhost"),
        ("ssh://me@build.example:22", HOST, None, "build.example"),
    ],
)
def test_ports_are_reached_where_the_engine_is(
    address: str, here: Vantage, owner: int | None, expected: str
) -> None:
    assert reach(address, {}, here, owner) == expected


def test_what_the_user_says_of_the_engines_host_wins() -> None:
    environment = {HOST_VARIABLE: "10.9.9.9"}
    assert reach("ssh://me@build.example", environment, HOST, None) == "10.9.9.9"


@pytest.mark.parametrize(
    ("environment", "context", "expected"),
    [
        ({}, "default", ""),
        ({}, "colima", "context:colima"),
        ({"DOCKER_HOST": "tcp://h:1"}, "default", "tcp://h:1"),
    ],
)
def test_the_ledgers_word_reaches_the_same_engine_later(
    environment: dict[str, str], context: str, expected: str
) -> None:
    assert word(environment, context) == expected
    variables = overlay(expected)
    assert variables.get("DOCKER_HOST") == environment.get("DOCKER_HOST")
    if not environment:
        assert variables["DOCKER_CONTEXT"] == context


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.40.3-desktop.1", (2, 40, 3)), ("5.0.1", (5, 0, 1)), ("dev", ())],
)
def test_versions_are_compared_as_numbers(version: str, expected: tuple[int, ...]) -> None:
    assert numbers(version) == expected


def test_the_owner_of_a_socket_is_known_by_its_pid(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        assert socket_owner(path) is None
        listening.listen()
        assert socket_owner(path) not in (None, 0)


def cli(folder: Path, server: str = SERVER, compose: str = "2.40.3") -> Processes:
    """Return processes that find a ``docker`` and a Compose which answer so."""
    plugins = folder / "cli-plugins"
    plugins.mkdir()
    for program, text in (
        (folder / "docker", DOCKER.format(server=server)),
        (plugins / "docker-compose", COMPOSE.format(compose=compose)),
    ):
        program.write_text(text)
        program.chmod(0o755)
    environment = {"DOCKER_HOST": "tcp://10.0.0.9:2375", "DOCKER_CONFIG": str(folder)}
    return Processes({"PATH": f"{folder}:/usr/bin:/bin", **environment})


@in_a_loop
async def test_auto_takes_docker_where_an_engine_answers(tmp_path: Path) -> None:
    choice = await choose("auto", cli(tmp_path))
    assert (choice.runtime, choice.why) == ("docker", RuntimeReason.ENGINE_ANSWERS)
    assert choice.detail == "Engine 28.5.2, Compose 2.40.3"
    assert choice.engine is not None
    assert choice.engine.reach == "10.0.0.9"
    assert choice.engine.has_start_interval


@pytest.mark.parametrize(
    ("compose", "server", "why", "detail"),
    [
        ("v2.25.0", SERVER, RuntimeReason.COMPOSE_TOO_OLD, "2.25.0"),
        ("", SERVER, RuntimeReason.NO_COMPOSE, ""),
        ("2.40.3", "", RuntimeReason.NO_ENGINE, "Cannot connect to the Docker daemon"),
    ],
)
@in_a_loop
async def test_auto_takes_processes_and_says_why(
    tmp_path: Path, compose: str, server: str, why: RuntimeReason, detail: str
) -> None:
    choice = await choose("auto", cli(tmp_path, server, compose))
    assert (choice.runtime, choice.why, choice.detail) == ("process", why, detail)


@in_a_loop
async def test_an_engine_asked_for_by_name_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(RuntimeMissing, match="Compose is older") as caught:
        await choose("docker", cli(tmp_path, compose="2.20.0"))
    assert "--runtime process" in caught.value.mend
    nowhere = Processes({"PATH": str(tmp_path / "empty")})
    with pytest.raises(RuntimeMissing, match="no docker CLI"):
        await choose("docker", nowhere)
    assert (await choose("auto", nowhere)).why is RuntimeReason.NO_CLI


@in_a_loop
async def test_an_unknown_runtime_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="podman"):
        await choose("podman", Processes({}))
