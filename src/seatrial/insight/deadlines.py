"""The deadlines that a function gives to what it waits for; whether they passed, times must say."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from seatrial.insight.sources import Source
from seatrial.insight.waits import SHORTEST, Wait, helper_of, leaves_early, own_nodes, rounds, slept
from seatrial.lint.helpers.pythontests import Function, called

_TIMEOUT = "timeout"
# The place of the seconds among the arguments.
_PLACES: Mapping[str, int] = {
    "asyncio.wait_for": 1,
    "asyncio.timeout": 0,
    "anyio.fail_after": 0,
    "anyio.move_on_after": 0,
    "trio.fail_after": 0,
    "trio.move_on_after": 0,
    "select.select": 3,
    "seatrial.testing.wait_for": 1,
    "seatrial.testing.wait_for_sync": 1,
    "seatrial.testing.wait_for_async": 1,
}
# Methods of threads, events, processes, sockets and futures that take them first.
_METHODS = frozenset(("join", "result", "settimeout", "wait"))
# Of the module time, and the clock of an event loop.
_CLOCKS = ("time.monotonic", "time.perf_counter", ".time")


def deadlines(body: Sequence[ast.stmt], source: Source) -> Iterator[Wait]:
    """Yield the deadlines of a body: timeouts of calls, and loops that give up after a while.

    A function of the suite that has such a loop counts at the line that calls it.
    """
    ends: dict[str, float] = {}
    for node in own_nodes(body):
        if isinstance(node, ast.Call):
            seconds = _given(node, source)
            if seconds is None and (helper := helper_of(node, source)):
                seconds = _of_helper(helper[0], helper[1], node)
        elif isinstance(node, ast.Assign):
            ends |= _end(node, source)
            continue
        elif isinstance(node, ast.For | ast.While):
            seconds = _of_loop(node, source, ends)
        else:
            continue
        if seconds is not None and seconds >= SHORTEST:
            yield Wait(source.file, node.lineno, seconds)


def _given(call: ast.Call, source: Source) -> float | None:
    """Return the timeout that a call is given."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == _TIMEOUT]
    place = _PLACES.get(called(call, source.names))
    if place is None and isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS:
        place = 0
    if place is not None:
        given += call.args[place : place + 1]
    return next((s for node in given if (s := source.seconds(node)) is not None), None)


def _of_helper(helper: Function, source: Source, call: ast.Call) -> float | None:
    """Return the deadline of a helper's own loop, with what the call gives to its parameters."""
    asked = helper.args
    names = [argument.arg for argument in (*asked.posonlyargs, *asked.args)]
    given = dict(zip(reversed(names), reversed(asked.defaults), strict=False))
    alone = zip(asked.kwonlyargs, asked.kw_defaults, strict=True)
    given |= {argument.arg: default for argument, default in alone if default}
    given |= dict(zip(names, call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    ends: dict[str, float] = {}
    for node in own_nodes(helper.body):
        if isinstance(node, ast.Assign):
            ends |= _end(node, source, given)
        elif isinstance(node, ast.For | ast.While):
            seconds = _of_loop(node, source, ends)
            if seconds is not None:
                return seconds
    return None


def _end(
    node: ast.Assign, source: Source, given: Mapping[str, ast.expr] | None = None
) -> dict[str, float]:
    """Return the name of a moment that is so many seconds away: ``time.monotonic() + 5``."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Call() as clock, op=ast.Add(), right=ast.expr() as later),
        ) if called(clock, source.names).endswith(_CLOCKS):
            if isinstance(later, ast.Name):
                later = (given or {}).get(later.id, later)
            seconds = source.seconds(later)
            return {} if seconds is None else {name: seconds}
    return {}


def _of_loop(loop: ast.For | ast.While, source: Source, ends: Mapping[str, float]) -> float | None:
    """Return after how many seconds a loop gives up that something may end before."""
    if isinstance(loop, ast.For):
        pauses = [s for one in loop.body if (s := slept(one, source)) is not None]
        return rounds(loop) * sum(pauses) if leaves_early(loop) else None
    inside = own_nodes([loop])
    names = [node.id for node in inside if isinstance(node, ast.Name) and node.id in ends]
    return ends[names[0]] if names else None
