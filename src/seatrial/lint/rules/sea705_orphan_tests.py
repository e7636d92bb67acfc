"""A test asks for the address of a service that no compose file has.

## Why

`TEST_<SERVICE>_URL`, `_HOST` and `_PORT` are set for the services of the environment that a test
runs against. For one that is gone there is none: the test fails, or skips itself for ever. It is
what a service leaves behind that was removed by hand.

## Example

```python
# file: tests/integration/test_billing.py
import os

URL = os.environ["TEST_BILLING_URL"]


def test_it_answers() -> None:
    assert URL
```

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports: ["8000"]
```

```toml
# file: services/api/pyproject.toml
[project]
name = "api"
```

## Better

```python
# file: tests/integration/test_api.py
import os

URL = os.environ["TEST_API_URL"]


def test_it_answers() -> None:
    assert URL
```

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports: ["8000"]
```

```toml
# file: services/api/pyproject.toml
[project]
name = "api"
```

## Mend

Remove the test, or mend the name: it is the compose service's in capitals, `-` as `_`. A variable
that anything else of the repository sets, or that is read with a default, is left in peace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import Repository, RepositoryDocument, TestDocument
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_NAME = r"TEST_(?P<service>[A-Z0-9_]+?)_(?:URL|HOST|PORT)"
_READ = re.compile(
    rf"(?:environ\[\s*|environ\.get\(\s*|getenv\(\s*|env\[\s*)(?P<quote>[\"'])(?P<name>{_NAME})"
    rf"(?P=quote)\s*[\])]"
    rf"|process\.env\.(?P<dotted>TEST_[A-Z0-9_]+_(?:URL|HOST|PORT))\b(?!\s*(?:\?\?|\|\||=[^=]))"
)
_ADDRESS = re.compile(r"\baddress\(\s*[\"'](?P<service>[A-Za-z][\w.-]*)[\"']\s*\)")
# What seatrial sets beside each service's own, whatever the services are called.
_GENERAL = ("API", "DATABASE", "REDIS")


def _check(document: RepositoryDocument) -> Iterator[Hit]:
    repository = document.repository
    documents = (repository.documents.get(path) for path in repository.documents)
    tests = [found for found in documents if isinstance(found, TestDocument)]
    asked = [each for test in tests for each in (*_read(test), *_addressed(test, tests))]
    known = {_capitals(name) for name in repository.composed} if asked else set()
    for test, name, span in asked if known else ():
        service = name.removeprefix("TEST_").rpartition("_")[0]
        if service in known or service in _GENERAL or _set_elsewhere(repository, name, tests):
            continue
        what = f"{name} is of a service that no compose file has"
        yield Hit(span, what, file=test.path.as_posix())


def _read(test: TestDocument) -> Iterator[tuple[TestDocument, str, Span]]:
    """Yield the variables that a test reads itself."""
    for match in _READ.finditer(test.text):
        group = "name" if match["name"] else "dotted"
        yield test, match[group], Span(*match.span(group))


def _addressed(
    test: TestDocument, tests: list[TestDocument]
) -> Iterator[tuple[TestDocument, str, Span]]:
    """Yield the services that a test asks the fixture of `seatrial new` for: ``address("api")``."""
    found = list(_ADDRESS.finditer(test.text))
    if found and any("def address(" in each.text and "TEST_" in each.text for each in tests):
        for match in found:
            name = f"TEST_{_capitals(match['service'])}_URL"
            yield test, name, Span(*match.span("service"))


def _capitals(name: str) -> str:
    return re.sub(r"\W", "_", name.upper())


def _set_elsewhere(repository: Repository, name: str, tests: list[TestDocument]) -> bool:
    """Return whether anything but a reading test has the name: it may be set there."""
    own = {test.path.as_posix() for test in tests}
    others = (p for p in [*repository.documents, *_CONFIGURATION] if p not in own)
    word = re.compile(rf"\b{re.escape(name)}\b")
    if any(word.search(repository.texts.get(path, "")) for path in others):
        return True
    if any(name in suite.exports or name in suite.env for suite in repository.suites):
        return True
    assigned = re.compile(
        rf"\b{re.escape(name)}[\"']?\]?\s*=[^=]|(?:setenv|setdefault|stubEnv)\(\s*[\"']{re.escape(name)}"
    )
    return any(assigned.search(test.text) for test in tests)


_CONFIGURATION = ("seatrial.toml", "pyproject.toml", "pytest.ini", "tox.ini", "package.json")


RULE = Rule(
    code="SEA705",
    name="orphan-tests",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="remove the test, or mend the service's name",
    of=RepositoryDocument,
    check=_check,
)
