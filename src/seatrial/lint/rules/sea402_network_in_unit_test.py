"""A unit test opens a connection: to an address in it, or to a database.

## Why

Unit tests run without containers and without a network. One that needs either fails on the next
machine, and is as slow and as moody as what it talks to.

## Example

```python
# file: services/api/tests/unit/test_rates.py
import requests


def test_the_rate_is_known():
    assert requests.get("https://api.rates.io/eur").ok
```

## Better

```python
# file: services/api/tests/unit/test_rates.py
import httpx

from api.rates import rate


def test_the_rate_is_known():
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json={"eur": 1.1}))
    assert rate("eur", httpx.Client(transport=answer)) == 1.1
```

## Mend

Put a stand-in behind the seam (`httpx.MockTransport`, `respx`, `responses`, `msw`), or move the
test to the service stage, where real databases are. A file that has a stand-in anywhere is left
alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.addresses import (
    has_stand_in,
    host_of,
    is_external,
    is_fixed,
    is_request,
    literal_url,
)
from seatrial.lint.helpers.javascript import without_comments
from seatrial.lint.helpers.pythontests import called, calls, imported, number, text
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SOCKETS = frozenset(("socket.create_connection", "asyncio.open_connection"))
_DRIVERS = frozenset(
    (
        *("psycopg.connect", "psycopg2.connect", "psycopg.AsyncConnection.connect"),
        *("asyncpg.connect", "asyncpg.create_pool", "pymysql.connect", "MySQLdb.connect"),
        *("mysql.connector.connect", "aiomysql.connect", "nats.connect", "aio_pika.connect"),
    )
)
_JS_CALL = re.compile(
    r"(?:\bfetch|\baxios(?:\.\w+)?|\bgot(?:\.\w+)?|\bhttps?\.(?:get|request))"
    r"\(\s*([\"'`])(?P<url>https?://[^\"'`]+)\1"
)


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.stage != "unit" or has_stand_in(document):
        return
    if document.tree is None:
        masked = without_comments(document.text)
        for found in _JS_CALL.finditer(masked):
            if _reaches(found["url"]):
                yield Hit(Span(found.start(), found.end()), _what(host_of(found["url"])))
        return
    names = imported(document.tree)
    for call in calls(document.tree):
        if host := _host(call, names):
            yield Hit(document.span(call), _what(host))


def _what(host: str) -> str:
    return f"this unit test opens a connection to {host}"


def _host(call: ast.Call, names: Mapping[str, str]) -> str:
    name = called(call, names)
    first = call.args[0] if call.args else None
    if name in _SOCKETS:
        given = first.elts if isinstance(first, ast.Tuple) else call.args
        known = len(given) > 1 and number(given[1]) is not None
        return text(given[0]) if known else ""
    if name in _DRIVERS:
        host = next((text(item.value) for item in call.keywords if item.arg == "host"), "")
        return host or host_of(literal_url(first))
    if not is_request(name):
        return ""
    url = next((at for node in call.args if (at := literal_url(node))), "")
    return host_of(url) if _reaches(url) else ""


def _reaches(url: str) -> bool:
    return is_fixed(url) or is_external(host_of(url))


RULE = Rule(
    code="SEA402",
    name="network-in-unit-test",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="put a stand-in behind the seam, or move the test to the service stage",
    of=TestDocument,
    check=_check,
)
