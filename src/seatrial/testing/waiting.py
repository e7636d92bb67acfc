"""Waiting for a condition instead of for time."""

from __future__ import annotations

import asyncio
import inspect
import linecache
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, overload

T = TypeVar("T")
Caught = type[Exception] | tuple[type[Exception], ...]

_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.1
_LONGEST_REPR = 300
_NOTHING = object()


class WaitTimeout(AssertionError):
    """A condition did not come true in time; the message shows its last value and exception.

    ``value`` is what the condition returned last (``None`` where it never returned), and
    ``exception`` what it raised last, or ``None``.
    """

    def __init__(self, message: str, value: object, exception: Exception | None) -> None:
        super().__init__(message)
        self.value = value
        self.exception = exception


def wait_for(
    condition: Callable[[], Any],
    timeout: float = 5.0,
    *,
    what: str = "",
    catching: Caught = Exception,
) -> Any:
    """Wait until ``condition()`` is true, and return what it returned.

    Works in both worlds: it blocks where no event loop runs, and is to be awaited where one does
    (``await wait_for(...)``), so that the loop goes on meanwhile. There the condition may be a
    coroutine function too. The return type depends on that, so it is ``Any``; the two functions
    that this one chooses from, :func:`wait_for_sync` and :func:`wait_for_async`, are exact.

    The condition is tried at once, then after 1 ms, 2 ms, and so on up to every 100 ms, and a last
    time when ``timeout`` (seconds) has passed. Exceptions of the types in ``catching`` mean "not
    yet"; all others end the wait. ``what`` names the condition in the message.

    Raises :class:`WaitTimeout`, an ``AssertionError``, where it never came true.
    """
    __tracebackhide__ = True
    chosen = wait_for_async if _loop_runs() else wait_for_sync
    return chosen(condition, timeout, what=what, catching=catching)


def wait_for_sync(
    condition: Callable[[], T],
    timeout: float = 5.0,
    *,
    what: str = "",
    catching: Caught = Exception,
) -> T:
    """Block until ``condition()`` is true; see :func:`wait_for`.

    Raises ``TypeError`` where the condition is a coroutine function: nothing could run it here.
    """
    __tracebackhide__ = True
    tries = _Tries(condition, timeout, what)
    for pause in tries:
        time.sleep(pause)
        try:
            value = condition()
        except catching as error:
            tries.failed(error)
            continue
        if inspect.isawaitable(value):
            _forget(value)
            raise TypeError(f"{tries.name} is asynchronous: await wait_for(...) in an async test")
        if value:
            return value
        tries.returned(value)
    raise tries.timed_out() from tries.exception


@overload
async def wait_for_async(
    condition: Callable[[], Awaitable[T]],
    timeout: float = ...,
    *,
    what: str = ...,
    catching: Caught = ...,
) -> T: ...
@overload
async def wait_for_async(
    condition: Callable[[], T],
    timeout: float = ...,
    *,
    what: str = ...,
    catching: Caught = ...,
) -> T: ...
async def wait_for_async(
    condition: Callable[[], Any],
    timeout: float = 5.0,
    *,
    what: str = "",
    catching: Caught = Exception,
) -> Any:
    """Wait until ``condition()``, or what awaiting it gives, is true; see :func:`wait_for`.

    An asynchronous condition that hangs is cancelled when the time is up.
    """
    __tracebackhide__ = True
    tries = _Tries(condition, timeout, what)
    for pause in tries:
        await asyncio.sleep(pause)
        try:
            value = condition()
            if inspect.isawaitable(value):
                value = await _until(tries.deadline, value)
        except catching as error:
            tries.failed(error)
            continue
        except _Hung as error:
            tries.failed(error)
            continue
        if value:
            return value
        tries.returned(value)
    raise tries.timed_out() from tries.exception


class _Hung(TimeoutError):
    """The condition was cancelled when the time was up; that ends the wait, caught or not."""

    def __repr__(self) -> str:
        return "TimeoutError('the condition did not end')"


async def _until(deadline: float, waiting: Awaitable[T]) -> T:
    # One turn at least, so that a condition that is ready at the deadline counts.
    limit = asyncio.timeout(max(deadline - time.monotonic(), _FIRST_PAUSE))
    try:
        async with limit:
            return await waiting
    except TimeoutError as error:
        if limit.expired():
            raise _Hung from error
        raise


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _forget(value: object) -> None:
    """Close a coroutine that nobody will await, so that Python does not warn of it."""
    if inspect.iscoroutine(value):
        value.close()


@dataclass(slots=True)
class _Tries:
    """The pauses before each try, and what the tries gave."""

    condition: Callable[[], object]
    timeout: float
    what: str
    deadline: float = 0.0
    count: int = 0
    value: object = _NOTHING
    exception: Exception | None = None

    def __iter__(self) -> Iterator[float]:
        self.deadline = time.monotonic() + self.timeout
        pause = 0.0
        left = self.timeout
        while True:
            self.count += 1
            yield max(0.0, min(pause, left))
            if left <= pause:
                return
            pause = min(max(2 * pause, _FIRST_PAUSE), _LONGEST_PAUSE)
            left = self.deadline - time.monotonic()

    def returned(self, value: object) -> None:
        self.value = value

    def failed(self, error: Exception) -> None:
        self.exception = error

    @property
    def name(self) -> str:
        """Return what the user calls it, else its line of source and where that stands."""
        if self.what:
            return self.what
        code = getattr(self.condition, "__code__", None)
        if code is None:
            return _short(self.condition)
        line = linecache.getline(code.co_filename, code.co_firstlineno).strip()
        return f"{line or code.co_name} ({code.co_filename}:{code.co_firstlineno})"

    def timed_out(self) -> WaitTimeout:
        tries = "1 try" if self.count == 1 else f"{self.count} tries"
        lines = [f"not true within {self.timeout:g} s, {tries}: {self.name}"]
        if self.value is not _NOTHING:
            lines.append(f"  last value: {_short(self.value)}")
        if self.exception is not None:
            where = _raised_at(self.exception)
            lines.append(f"  last exception: {_short(self.exception)}{where}")
        value = None if self.value is _NOTHING else self.value
        return WaitTimeout("\n".join(lines), value, self.exception)


def _raised_at(error: Exception) -> str:
    trace = None if isinstance(error, _Hung) else error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"


def _short(value: object) -> str:
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    return text if len(text) <= _LONGEST_REPR else f"{text[:_LONGEST_REPR]}…"
