"""Calls end with who asked for them: real programs, real signals."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from seatrial.errors import RuntimeMissing
from seatrial.host.processes import Processes
from seatrial.host.system import start_time
from seatrial.mcp.calls import Calls
from tests.support.loop import in_a_loop

# Says its id, then does what its one argument says when it is asked to end.
PROGRAM = """
import os, signal, sys, time
from pathlib import Path

def end(number, frame):
    if sys.argv[1] == "tidies":
        Path("tidied").touch()
        os._exit(0)

signal.signal(signal.SIGTERM, end)
print(os.getpid(), flush=True)
print("aside", file=sys.stderr, flush=True)
while sys.argv[1] != "ends":
    time.sleep(1000)
sys.exit(4)
"""
Heard = Callable[[str], Awaitable[None]]


def calls(root: Path, *graces: float) -> Calls:
    program = (sys.executable, "-c", PROGRAM)
    return Calls(program, root, Processes(dict(os.environ)), graces or (20.0,))


def first_line() -> tuple[asyncio.Future[int], Heard]:
    line: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def heard(text: str) -> None:
        line.set_result(int(text))

    return line, heard


@in_a_loop
async def test_a_verb_that_ends_tells_its_code_and_both_outputs(tmp_path: Path) -> None:
    ended = await calls(tmp_path).call(["ends"])
    assert ended.code == 4
    assert len(ended.out) == 1
    assert ended.err == ("aside",)


@in_a_loop
async def test_a_cancelled_call_asks_its_verb_to_end_and_closing_waits(tmp_path: Path) -> None:
    made = calls(tmp_path)
    pid, heard = first_line()
    call = asyncio.ensure_future(made.call(["tidies"], heard))
    await pid
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await made.close()
    assert (tmp_path / "tidied").exists()
    assert start_time(await pid) is None


@in_a_loop
async def test_what_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    made = calls(tmp_path, 0.05, 0.05)
    pid, heard = first_line()
    call = asyncio.ensure_future(made.call(["stays"], heard))
    await pid
    await made.close()
    assert start_time(await pid) is None
    assert (await call).code == -9


@in_a_loop
async def test_a_listener_that_fails_ends_the_verb(tmp_path: Path) -> None:
    made = calls(tmp_path)
    seen = []

    async def heard(text: str) -> None:
        seen.append(int(text))
        raise ValueError("the client is gone")

    with pytest.raises(ValueError, match="the client is gone"):
        await made.call(["tidies"], heard)
    await made.close()
    assert start_time(seen[0]) is None


@in_a_loop
async def test_a_program_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    made = Calls(("/nowhere/seatrial",), tmp_path, Processes(dict(os.environ)))
    with pytest.raises(RuntimeMissing):
        await made.call(["test"])
    await made.close()
