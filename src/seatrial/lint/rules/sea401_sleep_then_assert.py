"""A test sleeps for a fixed time and then checks, instead of waiting until what it checks is so.

## Why

The whole time is spent on every run, even where the condition holds at once; and on a busy machine
it is still too short, so the test fails now and then.

## Example

```python
# file: services/api/tests/unit/test_jobs.py
import asyncio


async def test_a_job_is_done(queue):
    await queue.put("job")
    await asyncio.sleep(5)
    assert queue.is_done()
```

## Better

```python
# file: services/api/tests/unit/test_jobs.py
async def test_a_job_is_done(queue, wait_for):
    await queue.put("job")
    await wait_for(queue.is_done, timeout=5)
```

## Mend

Wait for the condition, with a deadline: ask again every few milliseconds, or better, wait for an
event, a future or a message. Where time itself is what is tested, hand the code a clock. Waits
below a tenth of a second are left alone.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.javascript import Blocks, code, is_test, sleeps
from seatrial.lint.helpers.pythontests import blocks, called, functions, imported, number
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SHORTEST = 0.1
_SLEEPS = frozenset(("time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "gevent.sleep"))
_APART = (
    *(ast.For, ast.While, ast.AsyncFor),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)
_JS_NOTHING = re.compile(r"\)\s*\.not\s*\.|Times\(0\)|Length\(0\)|\.toBe(?:Null|Undefined|Falsy)\(")
_JS_CHECK = re.compile(r"\bexpect\s*\(|\bassert\b|\.should\b")


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.tree is None:
        yield from _javascript(document)
        return
    names = imported(document.tree)
    for function in functions(document.tree):
        for node, seconds in _sleeps(function.body, names, checked=False):
            what = f"{function.name} always waits {seconds:g} s before it checks"
            yield Hit(document.span(node), what)


def _sleeps(
    body: list[ast.stmt], names: Mapping[str, str], *, checked: bool
) -> Iterator[tuple[ast.AST, float]]:
    """Yield the sleeps of a block that a check follows in it or, with ``checked``, after it."""
    after = checked
    for statement in reversed(body):
        seconds = _slept(statement, names)
        # A block that only sleeps is what is tested: a timer, a deadline.
        if seconds is not None and after and len(body) > 1:
            yield statement, seconds
        elif not isinstance(statement, _APART):
            for block in blocks(statement):
                yield from _sleeps(block, names, checked=after)
        if checks := _checks(statement):
            # That nothing came of it is no condition that could be waited for.
            after = not all(map(_of_nothing, checks))


def _slept(statement: ast.stmt, names: Mapping[str, str]) -> float | None:
    value = statement.value if isinstance(statement, ast.Expr) else None
    call = value.value if isinstance(value, ast.Await) else value
    if not isinstance(call, ast.Call) or called(call, names) not in _SLEEPS or not call.args:
        return None
    seconds = number(call.args[0])
    return seconds if seconds is not None and seconds >= _SHORTEST else None


def _checks(statement: ast.stmt) -> list[ast.AST]:
    found = ast.walk(statement)
    return [node for node in found if isinstance(node, ast.Assert) or _asserts(node)]


def _asserts(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith("assert")
    )


def _of_nothing(check: ast.AST) -> bool:
    """Return whether an assertion is that something is not so, or not there."""
    if isinstance(check, ast.Assert):
        asked = check.test
        if isinstance(asked, ast.Compare):
            return len(asked.ops) == 1 and (
                isinstance(asked.ops[0], ast.NotIn | ast.NotEq)
                or ast.unparse(asked.comparators[0]) in ("0", "None", "[]", "{}", "False")
            )
        return isinstance(asked, ast.UnaryOp) and isinstance(asked.op, ast.Not)
    name = getattr(getattr(check, "func", None), "attr", "")
    return name.startswith(("assert_not", "assertNot", "assertFalse", "assertIsNone"))


def _javascript(document: TestDocument) -> Iterator[Hit]:
    masked = code(document.text)
    blocks_of = Blocks(masked)
    checks = [found.start() for found in _JS_CHECK.finditer(masked)]
    for start, end, seconds in sleeps(masked):
        around = blocks_of.around(start)
        test = next((at for at, block in enumerate(around) if is_test(block.header)), None)
        if seconds < _SHORTEST or test is None:
            continue
        if any(_apart(block.header) for block in around[:test]):
            continue
        later = bisect_right(checks, end)
        if later == len(checks) or checks[later] >= around[test].end:
            continue
        if not _JS_NOTHING.search(masked, checks[later], masked.find(";", checks[later]) + 1):
            yield Hit(Span(start, end), f"this test always waits {seconds:g} s before it checks")


def _apart(header: str) -> bool:
    """Return whether a block is a loop or a function of its own, which may sleep as it likes."""
    return re.search(r"\b(?:for|while|do|function)\b|=>\s*$", header) is not None


RULE = Rule(
    code="SEA401",
    name="sleep-then-assert",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="wait for the condition, with a deadline",
    of=TestDocument,
    check=_check,
)
