"""A service or integration test has a fixed address of this machine in it.

## Why

Test environments publish their ports where the engine likes, so that two runs do not clash. A test
that asks `localhost:8000` finds nothing there, or somebody else's service.

## Example

```python
# file: tests/integration/test_orders.py
import httpx

API = "http://localhost:8000"


def test_an_order_is_taken():
    assert httpx.post(f"{API}/orders").status_code == 201
```

## Better

```python
# file: tests/integration/test_orders.py
import os

import httpx

API = os.environ["TEST_API_URL"]


def test_an_order_is_taken():
    assert httpx.post(f"{API}/orders").status_code == 201
```

## Mend

Take the address from `TEST_<SERVICE>_URL`. A fixed one as what holds where the variable is not set
(`os.environ.get("TEST_API_URL", "http://localhost:8000")`) is left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.addresses import has_stand_in, is_fixed, is_request, literal_url
from seatrial.lint.helpers.javascript import code, without_comments
from seatrial.lint.helpers.pythontests import arguments, called, calls, imported
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_NAME = re.compile(
    r"(?:^|_)(?:url|uri|base|api|host|endpoint|dsn|address|server)s?$", re.IGNORECASE
)
_CONNECTS = re.compile(r"(?:psycopg2?|asyncpg|aio_pika|nats|redis|pymongo)\b.*(?:connect|from_url)")
# A file that asks nothing has its addresses as data.
_ASKS = re.compile(
    r"\b(?:requests|httpx|aiohttp|urllib|urllib3|websockets?|psycopg2?|asyncpg|redis|playwright|page"
    r"|socket|grpc|client|nats|pika)\b"
)
_JS_ASKS = re.compile(
    r"\b(?:fetch|axios|got|ky|request|supertest|goto|newPage|createClient)\b\s*\(?"
)
_JS = re.compile(
    r"(?:\b(?:fetch|request|axios(?:\.\w+)?|page\.goto|request\.\w+)\(\s*"
    r"|^(?:export\s+)?const\s+\w*(?:url|base|api|host|endpoint)\w*\s*=\s*)"
    r"([\"'`])(?P<url>https?://(?:localhost|127\.0\.0\.1):\d+[^\"'`]*)\1",
    re.IGNORECASE | re.MULTILINE,
)


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.stage == "unit" or has_stand_in(document):
        return
    if document.tree is None:
        if not _JS_ASKS.search(code(document.text)):
            return
        for found in _JS.finditer(without_comments(document.text)):
            yield Hit(Span(*found.span("url")), _what(found["url"]))
        return
    named = _named(document.tree) if _ASKS.search(document.text) else ()
    for node in (*_asked(document.tree), *named):
        url = literal_url(node)
        if is_fixed(url):
            yield Hit(document.span(node), _what(url))


def _what(url: str) -> str:
    return f"{url.partition('?')[0]} is where nothing of this run need be"


def _asked(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield what calls that connect are given."""
    names = imported(tree)
    for call in calls(tree):
        name = called(call, names)
        if is_request(name) or _CONNECTS.fullmatch(name):
            yield from arguments(call)


def _named(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield addresses that a constant of the file or a fixture stands for."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            if _NAME.search(statement.targets[0].id):
                yield statement.value
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            fixture = any("fixture" in ast.unparse(mark) for mark in statement.decorator_list)
            last = statement.body[-1]
            if fixture and isinstance(last, ast.Return) and last.value is not None:
                yield last.value


RULE = Rule(
    code="SEA405",
    name="fixed-address-in-test",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="take the address from TEST_<SERVICE>_URL",
    of=TestDocument,
    check=_check,
)
