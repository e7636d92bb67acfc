import asyncio
import queue
import socket
import threading
import time
from collections.abc import Callable

import pytest


def wait_until(condition: Callable[[], bool], within: float = 0.5) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_a_note_is_written_down() -> None:
    notes: list[str] = []
    threading.Timer(0.02, notes.append, ["milk"]).start()
    time.sleep(0.4)
    assert notes == ["milk"]


def test_a_note_is_written_down_in_the_end() -> None:
    notes: list[str] = []
    threading.Timer(0.02, notes.append, ["bread"]).start()
    for _ in range(8):
        time.sleep(0.05)
    assert notes == ["bread"]


async def test_a_note_is_written_down_by_the_loop() -> None:
    notes: list[str] = []
    asyncio.get_running_loop().call_later(0.02, notes.append, "milk")
    await asyncio.sleep(0.4)
    assert notes == ["milk"]


def test_no_note_comes() -> None:
    with pytest.raises(queue.Empty):
        queue.Queue().get(timeout=0.4)


def test_no_note_is_written_down() -> None:
    notes: list[str] = []
    assert not wait_until(lambda: bool(notes))


def test_nobody_speaks() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.4)
        with pytest.raises(TimeoutError):
            here.recv(1)
