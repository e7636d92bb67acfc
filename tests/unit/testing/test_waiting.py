"""Waiting for conditions: what is returned, what is told, and how often is asked."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from seatrial.testing import WaitTimeout, wait_for, wait_for_async, wait_for_sync
from tests.support.loop import in_a_loop


class Result:
    """Becomes ready after it was asked a number of times."""

    def __init__(self, after: int) -> None:
        self.asked = 0
        self.after = after

    def is_ready(self) -> bool:
        self.asked += 1
        return self.asked > self.after


def refuse() -> bool:
    raise ConnectionRefusedError("nobody listens")


def test_the_true_value_is_returned() -> None:
    values = iter(["", "", "found"])
    assert wait_for(lambda: next(values)) == "found"


def test_what_is_true_already_is_not_waited_for() -> None:
    began = time.monotonic()
    assert wait_for(lambda: True, timeout=5)
    assert time.monotonic() - began < 1


@in_a_loop
async def test_it_can_be_awaited() -> None:
    result = Result(after=3)
    assert await wait_for(lambda: result.is_ready(), timeout=5)


@in_a_loop
async def test_the_loop_goes_on_while_it_is_awaited() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, event.set)
    assert await wait_for(event.is_set)


@in_a_loop
async def test_a_condition_may_be_asynchronous() -> None:
    result = Result(after=2)

    async def ready() -> bool:
        await asyncio.sleep(0)
        return result.is_ready()

    assert await wait_for_async(ready) is True


def test_an_asynchronous_condition_outside_a_loop_is_a_mistake() -> None:
    async def ready() -> bool:
        return True

    with pytest.raises(TypeError, match="await wait_for"):
        wait_for(ready)


def test_the_message_shows_the_last_value_and_where_the_condition_stands() -> None:
    with pytest.raises(WaitTimeout) as caught:
        wait_for(lambda: {"jobs": 0}["jobs"], timeout=0.01)
    assert "not true within 0.01 s" in str(caught.value)
    assert "last value: 0" in str(caught.value)
    assert Path(__file__).name in str(caught.value)
    assert caught.value.value == 0


def test_the_message_shows_the_last_exception_and_its_line() -> None:
    with pytest.raises(WaitTimeout) as caught:
        wait_for(refuse, timeout=0.01, what="the server answers")
    line = refuse.__code__.co_firstlineno + 1
    assert "the server answers" in str(caught.value)
    assert "ConnectionRefusedError('nobody listens')" in str(caught.value)
    assert f"{Path(__file__).name}:{line}" in str(caught.value)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_a_value_and_an_exception_are_both_shown() -> None:
    answers = iter([0])
    with pytest.raises(WaitTimeout, match=r"last value: 0(?s:.*)last exception: StopIteration"):
        wait_for(lambda: next(answers), timeout=0.01)


def test_a_value_without_a_repr_hides_nothing_else() -> None:
    class Shy:
        def __bool__(self) -> bool:
            return False

        def __repr__(self) -> str:
            raise ValueError

    with pytest.raises(WaitTimeout, match="Shy whose repr raises ValueError"):
        wait_for(Shy, timeout=0.001)


def test_an_exception_that_does_not_mean_not_yet_ends_the_wait() -> None:
    with pytest.raises(ConnectionRefusedError):
        wait_for(refuse, catching=LookupError)


@in_a_loop
async def test_an_asynchronous_condition_that_hangs_is_cut_off() -> None:
    with pytest.raises(WaitTimeout, match="TimeoutError"):
        await wait_for(asyncio.Event().wait, timeout=0.02)


@in_a_loop
async def test_one_that_hangs_is_told_whatever_exceptions_mean_not_yet() -> None:
    with pytest.raises(WaitTimeout, match="did not end"):
        await wait_for(asyncio.Event().wait, timeout=0.02, catching=ConnectionError)


@in_a_loop
async def test_a_timeout_of_the_condition_itself_is_an_exception_like_others() -> None:
    async def gives_up() -> bool:
        raise TimeoutError("the client gave up")

    with pytest.raises(TimeoutError, match="the client gave up"):
        await wait_for(gives_up, timeout=5, catching=ConnectionError)


def test_no_time_at_all_is_one_try() -> None:
    result = Result(after=1)
    with pytest.raises(WaitTimeout, match="1 try"):
        wait_for(result.is_ready, timeout=0)
    assert result.asked == 1


def test_pauses_grow_from_a_millisecond_to_a_tenth_of_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        pauses.append(seconds)

    monkeypatch.setattr("seatrial.testing.waiting.time.monotonic", lambda: now)
    monkeypatch.setattr("seatrial.testing.waiting.time.sleep", sleep)
    with pytest.raises(WaitTimeout):
        wait_for_sync(lambda: False, timeout=1)
    assert [round(pause, 3) for pause in pauses[:5]] == [0, 0.001, 0.002, 0.004, 0.008]
    assert max(pauses) == 0.1
    assert sum(pauses) == pytest.approx(1)
