"""The engine answers the same whichever way leads to it: its socket, or the CLI's connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from seatrial.errors import DeadlinePassed, EnvironmentFailure
from seatrial.host.processes import Processes
from seatrial.host.system import environment
from seatrial.runtimes.docker.api import Api
from seatrial.runtimes.docker.cli import Docker
from tests.support.loop import in_a_loop

pytestmark = pytest.mark.engine


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@contextlib.asynccontextmanager
async def engine_by(way: str) -> AsyncIterator[Docker]:
    """Return the engine as it is reached: by its own socket, or by TCP, which the CLI opens."""
    processes = Processes(environment())
    address = (await Api(processes, {}).address()).removeprefix("unix://")

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(address)
        try:
            await asyncio.gather(_copied(reader, inner_writer), _copied(inner_reader, writer))
        finally:
            inner_writer.close()
            writer.close()

    if way == "socket":
        yield Docker(processes, {})
        return
    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield Docker(processes, {"DOCKER_HOST": f"tcp://127.0.0.1:{port}"})


@pytest.mark.parametrize("way", ["socket", "CLI"])
@in_a_loop
async def test_a_container_is_started_seen_and_removed(way: str) -> None:
    async with engine_by(way) as docker:
        id = (await docker.asked("create", "redis:7")).strip()
        try:
            assert (await docker.api.ask("POST", f"/containers/{id}/start")).ok
            found = await docker.inspected("container", [id, "no-such-container"])
            assert [one["State"]["Status"] for one in found] == ["running"]
        finally:
            gone = await docker.api.ask("DELETE", f"/containers/{id}", force=True, v=True)
        assert gone.ok
        assert await docker.inspected("container", [id]) == []


@pytest.mark.parametrize("way", ["socket", "CLI"])
@in_a_loop
async def test_the_engine_says_in_its_own_words_what_it_does_not_do(way: str) -> None:
    async with engine_by(way) as docker:
        answer = await docker.api.ask("POST", "/containers/no-such-container/start")
        assert (answer.ok, answer.said) == (False, "No such container: no-such-container")


@in_a_loop
async def test_a_socket_where_nobody_answers_is_told_in_the_words_of_the_cli(
    tmp_path: Path,
) -> None:
    docker = Docker(Processes(environment()), {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    with pytest.raises(EnvironmentFailure, match="no Docker engine answers") as caught:
        await docker.inspected("container", ["any"])
    assert str(tmp_path) in "".join(caught.value.detail)


def _at(socket: Path) -> Api:
    return Api(Processes(environment()), {"DOCKER_HOST": f"unix://{socket}"})


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.0 200 OK\r\n\r\n[{"])
@in_a_loop
async def test_an_answer_that_is_none_or_cut_off_is_an_error(tmp_path: Path, said: bytes) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_unix_server(other, tmp_path / "other.sock"):
        with pytest.raises(EnvironmentFailure, match="broke off its answer"):
            await _at(tmp_path / "other.sock").ask("GET", "/info")


@in_a_loop
async def test_an_engine_that_hangs_is_a_deadline_that_passed(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "silent.sock"))
        listening.listen()
        with pytest.raises(DeadlinePassed, match=r"within 0\.1 s"):
            await _at(tmp_path / "silent.sock").ask("GET", "/info", timeout=0.1)


@in_a_loop
async def test_the_address_of_a_context_is_what_the_cli_keeps_of_it(tmp_path: Path) -> None:
    there = await Api(Processes(environment()), {}).address()
    own = {"DOCKER_HOST": None, "DOCKER_CONFIG": str(tmp_path)}
    docker = Docker(Processes(environment()), {**own, "DOCKER_CONTEXT": "mine"})
    await Docker(docker.processes, own).asked(
        "context", "create", "mine", "--docker", f"host={there}"
    )
    assert await docker.api.address() == there
    assert (await docker.api.facts())["ApiVersion"]
