"""Where a function certainly waits: its fixed sleeps, and the deadlines that it gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.insight.sources import Source
from seatrial.lint.helpers.pythontests import Function, called

SHORTEST = 0.1
_SLEEPS = frozenset(("time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "gevent.sleep"))
_AWAITED = frozenset(("asyncio.sleep", "anyio.sleep", "trio.sleep"))
# The place of the seconds among the arguments.
_DEADLINES = {
    "asyncio.wait_for": 1,
    "asyncio.timeout": 0,
    "anyio.fail_after": 0,
    "anyio.move_on_after": 0,
    "trio.fail_after": 0,
    "trio.move_on_after": 0,
}
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait of ``seconds`` in a line; ``teardown`` where it comes after the ``yield``."""

    file: str
    line: int
    seconds: float
    teardown: bool = False


def sleeps(body: Sequence[ast.stmt], source: Source) -> list[Wait]:
    """Return the sleeps that a body comes to once and for certain, in helpers of its file too.

    What stands in a loop or under a condition may happen often or never, and is left out.
    """
    return list(_sleeps(body, source, after=_yield_line(body), seen=()))


def _sleeps(
    body: Sequence[ast.stmt], source: Source, *, after: int, seen: tuple[str, ...]
) -> Iterator[Wait]:
    for statement in body:
        if isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
            inner = [*statement.body, *getattr(statement, "finalbody", ())]
            yield from _sleeps(inner, source, after=after, seen=seen)
        elif isinstance(statement, ast.Return | ast.Raise):
            return
        elif call := _statement_call(statement):
            teardown = bool(after) and call.lineno > after
            seconds = _slept(statement, call, source)
            if seconds is not None:
                yield Wait(source.file, call.lineno, seconds, teardown)
            elif helper := _helper(call, source, seen):
                inside = _sleeps(helper.body, source, after=0, seen=(*seen, helper.name))
                yield from (Wait(w.file, w.line, w.seconds, teardown) for w in inside)


def deadlines(body: Sequence[ast.stmt], source: Source) -> Iterator[Wait]:
    """Yield the deadlines that a body gives to what it waits for."""
    for call in (node for node in _own_nodes(body) if isinstance(node, ast.Call)):
        given = [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
        place = _DEADLINES.get(called(call, source.names))
        if place is not None:
            given += call.args[place : place + 1]
        for node in given:
            seconds = source.seconds(node)
            if seconds is not None and seconds >= SHORTEST:
                yield Wait(source.file, call.lineno, seconds)


def _statement_call(statement: ast.stmt) -> ast.Call | None:
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    call = value.value if isinstance(value, ast.Await) else value
    return call if isinstance(call, ast.Call) else None


def _slept(statement: ast.stmt, call: ast.Call, source: Source) -> float | None:
    name = called(call, source.names)
    if name not in _SLEEPS or not call.args:
        return None
    if name in _AWAITED and not isinstance(getattr(statement, "value", None), ast.Await):
        return None
    seconds = source.seconds(call.args[0])
    return seconds if seconds is not None and seconds >= SHORTEST else None


def _helper(call: ast.Call, source: Source, seen: tuple[str, ...]) -> Function | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return None if name in seen else source.functions.get(name)


def _yield_line(body: Sequence[ast.stmt]) -> int:
    lines = [n.lineno for n in _own_nodes(body) if isinstance(n, ast.Yield | ast.YieldFrom)]
    return min(lines, default=0)


def _own_nodes(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a body, those of functions within it left out."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _APART):
            continue
        yield node
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))
