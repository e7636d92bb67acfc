"""A unit test starts containers.

## Why

The unit stage is what runs first, on every machine, in seconds. With containers in it, it needs an
engine, waits for images, and there is no fast stage any more.

## Example

```python
# file: services/api/tests/unit/test_store.py
from testcontainers.postgres import PostgresContainer


def test_an_order_is_kept():
    with PostgresContainer("postgres:17") as database:
        assert database.get_connection_url()
```

## Better

```python
# file: services/api/tests/integration/test_store.py
import os

import psycopg


def test_an_order_is_kept():
    with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as database:
        assert database.execute("select 1").fetchone() == (1,)
```

## Mend

Move the test to the service stage (`tests/integration`), declare the container in
`deploy/test/docker-compose.yml`, and take its address from `TEST_<SERVICE>_URL`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import islice

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.javascript import without_comments
from seatrial.lint.helpers.pythontests import called, calls, functions, imported, text
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_PROGRAMS = ("docker", "docker-compose", "podman", "podman-compose", "nerdctl")
# Fixtures of pytest-docker.
_FIXTURES = frozenset(("docker_services", "docker_ip", "docker_compose_file"))
_RUNS = re.compile(r"subprocess\.(?:run|call|check_call|check_output|Popen)|os\.system")
_JS_IMPORT = re.compile(r"(?:from|require\()\s*[\"'](?:@testcontainers/[\w-]+|testcontainers)[\"']")


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.stage != "unit":
        return
    if document.tree is None:
        for found in _JS_IMPORT.finditer(without_comments(document.text)):
            yield Hit(Span(found.start(), found.end()), "this unit test starts containers")
        return
    yield from islice(_imports(document, document.tree), 1)
    names = imported(document.tree)
    if "mock" not in document.text and "monkeypatch" not in document.text:
        for call in calls(document.tree):
            name = called(call, names)
            if name == "docker.from_env" or (_RUNS.fullmatch(name) and _program(call)):
                yield Hit(document.span(call), "this unit test talks to a Docker engine")
    for function in functions(document.tree):
        for argument in function.args.args:
            if argument.arg in _FIXTURES:
                what = f"{function.name} starts containers by the fixture {argument.arg}"
                yield Hit(document.span(argument), what)


def _imports(document: TestDocument, tree: ast.Module) -> Iterator[Hit]:
    for node in ast.walk(tree):
        modules: list[str] = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        if any(module.partition(".")[0] == "testcontainers" for module in modules):
            yield Hit(document.span(node), "this unit test starts containers")


def _program(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.List | ast.Tuple) and first.elts:
        return text(first.elts[0]) in _PROGRAMS
    return text(first).split(" ")[0] in _PROGRAMS


RULE = Rule(
    code="SEA403",
    name="container-in-unit-test",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="move the test to the service stage, where compose starts what it needs",
    of=TestDocument,
    check=_check,
)
