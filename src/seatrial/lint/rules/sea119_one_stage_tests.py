"""The tests of a service are in one heap, without stages.

## Why

Tests that need containers and tests that need none then run together: the quick ones wait for the
slow ones, nothing can stop after the first failing stage, and a failure does not say where to look.

## Example

```python
# file: services/api/tests/test_prices.py
def test_a_price_is_positive() -> None:
    assert 1 > 0
```

```dockerfile
# file: services/api/Dockerfile
FROM python:3.12-slim
```

```toml
# file: services/api/pyproject.toml
[project]
name = "api"
```

## Better

```python
# file: services/api/tests/unit/test_prices.py
def test_a_price_is_positive() -> None:
    assert 1 > 0
```

```dockerfile
# file: services/api/Dockerfile
FROM python:3.12-slim
```

```toml
# file: services/api/pyproject.toml
[project]
name = "api"
```

## Mend

Move tests that need no container to `tests/unit`, those that need the service's own dependencies to
`tests/integration`, and those of all services together to `tests/integration` of the repository. A
service without a Dockerfile, and one whose suites `seatrial.toml` names, is left in peace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import RepositoryDocument
from seatrial.lint.helpers.services import folder_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

# What of seatrial.toml says which tests are of which stage.
_NAMED = re.compile(
    r"^\s*(?:unit|service|integration)\s*=|^\s*\[+(?:suites?|services)\b", re.MULTILINE
)
_STAGES = ("unit", "integration", "service", "e2e", "functional", "component")


def _check(document: RepositoryDocument) -> Iterator[Hit]:
    repository = document.repository
    configured = _NAMED.search(repository.texts.get("seatrial.toml", ""))
    for service in repository.services:
        folder = folder_of(repository, service)
        names = {suite.stage for suite in repository.suites if suite.service == service.name}
        if f"{folder}/Dockerfile" not in repository.paths or len(names) > 1 or configured:
            continue
        below = f"{folder}/tests/"
        if any(f"{below}{stage}" in repository.folders for stage in _STAGES):
            continue
        tests = sorted(path for path in repository.paths if _is_test(path, below))
        if tests:
            count = f"{len(tests)} files of tests" if len(tests) > 1 else "a file of tests"
            what = f"{service.name} has {count} and no stages"
            line = repository.texts.get(tests[0], "").partition("\n")[0]
            yield Hit(Span(0, len(line)), what, file=tests[0])


def _is_test(path: str, below: str) -> bool:
    name = path.rpartition("/")[2]
    return (
        path.startswith(below)
        and name.endswith((".py", ".ts", ".tsx", ".js", ".mjs"))
        and (name.startswith("test_") or "_test." in name or ".test." in name or ".spec." in name)
    )


RULE = Rule(
    code="SEA119",
    name="one-stage-tests",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="move tests to tests/unit and tests/integration",
    of=RepositoryDocument,
    check=_check,
)
