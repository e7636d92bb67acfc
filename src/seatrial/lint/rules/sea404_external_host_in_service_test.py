"""A service or integration test asks a real host in the internet.

## Why

The test then fails when the other side is down, slow or changed, and every run leaves something
there. What comes from outside is to be stood in for.

## Example

```python
# file: services/api/tests/integration/test_rates.py
import httpx


def test_a_rate_is_known():
    assert httpx.get("https://api.rates.io/eur").is_success
```

## Better

```python
# file: services/api/tests/integration/test_rates.py
import os

import httpx


def test_a_rate_is_known():
    assert httpx.get(f"{os.environ['TEST_RATES_URL']}/eur").is_success
```

## Mend

Add a stub of the other side to `deploy/test/docker-compose.yml`, and point the service and the test
at it. Names that belong to nobody (`example.com`, `*.test`) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.addresses import (
    has_stand_in,
    host_of,
    is_external,
    is_request,
    literal_url,
)
from seatrial.lint.helpers.javascript import without_comments
from seatrial.lint.helpers.pythontests import arguments, called, calls, imported
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_JS_CALL = re.compile(
    r"(?:\bfetch|\baxios(?:\.\w+)?|\bgot(?:\.\w+)?|\bhttps?\.(?:get|request)|\bpage\.goto"
    r"|\brequest\.(?:get|post|put|patch|delete))\(\s*([\"'`])(?P<url>https?://[^\"'`]+)\1"
)


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.stage == "unit" or has_stand_in(document):
        return
    if document.tree is None:
        for found in _JS_CALL.finditer(without_comments(document.text)):
            if is_external(host_of(found["url"])):
                yield Hit(Span(*found.span("url")), _what(found["url"]))
        return
    names = imported(document.tree)
    for call in calls(document.tree):
        if is_request(called(call, names)):
            for node in arguments(call)[:2]:
                url = literal_url(node)
                if is_external(host_of(url)):
                    yield Hit(document.span(node), _what(url))


def _what(url: str) -> str:
    return f"this test asks {host_of(url)}, which is not part of its environment"


RULE = Rule(
    code="SEA404",
    name="external-host-in-service-test",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="put a stub into deploy/test/docker-compose.yml and ask that",
    of=TestDocument,
    check=_check,
)
