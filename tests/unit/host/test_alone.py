"""One at a time, and who has a port."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from seatrial.host.alone import alone
from seatrial.host.ports import holder, is_taken
from tests.support.loop import in_a_loop


@in_a_loop
async def test_the_second_one_is_told_and_waits(tmp_path: Path) -> None:
    told: list[str] = []
    order: list[str] = []
    path = tmp_path / "folder/dev.lock"
    began, may_end = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with alone(path, told.append):
            order.append("first")
            began.set()
            await may_end.wait()
            order.append("first over")

    def waiting(pid: str) -> None:
        told.append(pid)
        may_end.set()

    one = asyncio.ensure_future(first())
    await began.wait()
    async with alone(path, waiting):
        order.append("second")
    await one
    assert told == [str(os.getpid())]
    assert order == ["first", "first over", "second"]


def test_a_port_is_taken_by_whoever_listens_on_it() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert is_taken("127.0.0.1", port)
        assert is_taken("", port)
        assert holder(port).endswith(f"(process {os.getpid()})")
    assert not is_taken("127.0.0.1", port)
    assert holder(port) == ""
