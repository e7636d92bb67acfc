"""Where a function certainly sleeps: fixed sleeps, those of loops that run to their end too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.insight.sources import Source
from seatrial.lint.helpers.pythontests import Function, called

SHORTEST = 0.1
_SLEEPS = frozenset(("time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "gevent.sleep"))
_AWAITED = frozenset(("asyncio.sleep", "anyio.sleep", "trio.sleep"))
_APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_LEAVES = (ast.Break, ast.Return, ast.Raise, ast.Continue)


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait of ``seconds`` in a line; ``teardown`` where it comes after the ``yield``."""

    file: str
    line: int
    seconds: float
    teardown: bool = False


def sleeps(body: Sequence[ast.stmt], source: Source) -> list[Wait]:
    """Return the sleeps that a body comes to for certain, in the suite's functions it calls too.

    Those of a loop over a fixed range count as one if nothing leaves it early. What stands in
    another loop or under a condition may happen often or never, and is left out.
    """
    found = _sleeps(body, source, after=_yield_line(body), seen=())
    return [wait for wait in found if wait.seconds >= SHORTEST]


def _sleeps(
    body: Sequence[ast.stmt], source: Source, *, after: int, seen: tuple[str, ...]
) -> Iterator[Wait]:
    for statement in body:
        if isinstance(statement, ast.With | ast.AsyncWith | ast.Try):
            inner = [*statement.body, *getattr(statement, "finalbody", ())]
            yield from _sleeps(inner, source, after=after, seen=seen)
        elif isinstance(statement, ast.For) and not leaves_early(statement):
            times = rounds(statement)
            inside = _sleeps(statement.body, source, after=after, seen=seen) if times else ()
            yield from (Wait(w.file, w.line, times * w.seconds, w.teardown) for w in inside)
        elif isinstance(statement, ast.Return | ast.Raise):
            return
        elif call := statement_call(statement):
            teardown = bool(after) and call.lineno > after
            seconds = slept(statement, source)
            if seconds is not None:
                yield Wait(source.file, call.lineno, seconds, teardown)
            elif helper := helper_of(call, source, seen):
                node, place = helper
                inside = _sleeps(node.body, place, after=0, seen=(*seen, node.name))
                yield from (Wait(w.file, w.line, w.seconds, teardown) for w in inside)


def slept(statement: ast.stmt, source: Source) -> float | None:
    """Return the seconds that a statement sleeps, ``None`` where it is no sleep."""
    call = statement_call(statement)
    name = called(call, source.names) if call else ""
    if call is None or name not in _SLEEPS or not call.args:
        return None
    if name in _AWAITED and not isinstance(getattr(statement, "value", None), ast.Await):
        return None
    return source.seconds(call.args[0])


def rounds(loop: ast.For) -> int:
    """Return how often a loop over ``range`` of a number goes round; 0 where that is unknown."""
    over = loop.iter
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range":
        match over.args:
            case [ast.Constant(value=int(times))]:
                return max(times, 0)
            case [ast.Constant(value=int(first)), ast.Constant(value=int(end))]:
                return max(end - first, 0)
    return 0


def leaves_early(loop: ast.For | ast.While) -> bool:
    """Return whether something in a loop may end it, or a round of it, before its time."""
    return any(isinstance(node, _LEAVES) for node in own_nodes(loop.body))


def statement_call(statement: ast.stmt) -> ast.Call | None:
    """Return the call that a statement is, or assigns the value of."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    call = value.value if isinstance(value, ast.Await) else value
    return call if isinstance(call, ast.Call) else None


def helper_of(
    call: ast.Call, source: Source, seen: tuple[str, ...] = ()
) -> tuple[Function, Source] | None:
    """Return the function of the suite that is called, and the file in which it stands."""
    found = source.function(call.func.id) if isinstance(call.func, ast.Name) else None
    return None if found is None or found[0].name in seen else found


def own_nodes(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of a body, those of functions within it left out."""
    waiting: list[ast.AST] = list(reversed(body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _APART):
            continue
        yield node
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _yield_line(body: Sequence[ast.stmt]) -> int:
    lines = [n.lineno for n in own_nodes(body) if isinstance(n, ast.Yield | ast.YieldFrom)]
    return min(lines, default=0)
