"""A test waits in a loop that has no deadline.

## Why

When what it waits for never comes, the test hangs until somebody ends the run: no failure, no name,
no log, and everything behind it waits too.

## Example

```python
# file: services/api/tests/integration/test_jobs.py
import time


def test_a_job_is_done(job):
    while not job.done():
        time.sleep(0.1)
    assert job.result() == 3
```

## Better

```python
# file: services/api/tests/integration/test_jobs.py
import time


def test_a_job_is_done(job):
    deadline = time.monotonic() + 10
    while not job.done():
        assert time.monotonic() < deadline, "the job was not done within 10 s"
        time.sleep(0.1)
    assert job.result() == 3
```

## Mend

Give the loop a deadline and say in its message what was waited for, or put `asyncio.timeout(…)`
around it. A file or project with a limit for each test (pytest-timeout) is left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.pythontests import called, calls, imported
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SLEEPS = frozenset(("time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep"))
_BOUND = re.compile(
    r"dead|timeout|limit|attempt|tries|retr|remain|elapsed|monotonic|perf_counter|time\.time|datetime"
    r"|count|stop|running|closed|cancel|next\(|\bmax|fail_after|move_on_after|wait_for\b|is_set|[<>]",
    re.IGNORECASE,
)
_PLUGIN = re.compile(r"pytest.timeout|^\s*timeout\s*=", re.MULTILINE)


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.tree is None or "timeout(" in document.text or _limited(document):
        return
    names = imported(document.tree)
    for function in ast.walk(document.tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for loop in _loops(function):
                if _waits(loop, names) and not _BOUND.search(ast.unparse(loop)):
                    first = document.span(loop)
                    line = document.text.find("\n", first.start)
                    end = line if 0 <= line < first.end else first.end
                    yield Hit(Span(first.start, end), f"{function.name} may wait for ever here")


def _loops(function: ast.AST) -> Iterator[ast.While]:
    """Yield the loops of a function, those of functions in it not."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.While):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _loops(node)


def _waits(loop: ast.While, names: Mapping[str, str]) -> bool:
    """Return whether a loop sleeps until something is so; one that never ends serves, not waits."""
    if not any(called(call, names) in _SLEEPS for call in calls(loop)):
        return False
    endless = isinstance(loop.test, ast.Constant)
    leaves = any(isinstance(node, ast.Break | ast.Return) for node in ast.walk(loop))
    return not endless or leaves


def _limited(document: TestDocument) -> bool:
    """Return whether a configuration above gives every test a limit."""
    names = ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini")
    for folder in document.path.parents:
        for name in names:
            path = (folder / name).as_posix()
            if path in document.repository.paths and _PLUGIN.search(
                document.repository.texts.get(path, "")
            ):
                return True
    return False


RULE = Rule(
    code="SEA406",
    name="unbounded-wait",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="give the loop a deadline, and say what was waited for when it passes",
    of=TestDocument,
    check=_check,
)
