"""A Makefile or script starts a test environment under one name for all branches.

## Why

The project's name is all that keeps two environments apart. Two worktrees, branches or agents that
run the target at once then share containers, and the one that ends first takes the other's down.

## Example

```sh
# file: scripts/run-integration-tests.sh
docker compose -f deploy/test/docker-compose.yml up -d --wait
pytest tests/integration
docker compose -f deploy/test/docker-compose.yml down -v
```

## Better

```sh
# file: scripts/run-integration-tests.sh
export COMPOSE_PROJECT_NAME="shop-test-${TEST_INSTANCE_ID:?}"
trap 'docker compose -f deploy/test/docker-compose.yml down -v' EXIT
docker compose -f deploy/test/docker-compose.yml up -d --wait
pytest tests/integration
```

## Mend

Let `seatrial test --stage integration` do it, which gives every run a name of its own and cleans up
when tests fail; or set `TEST_INSTANCE_ID` from the branch and give it to `-p`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import MakefileDocument
from seatrial.lint.helpers.recipes import lines
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_UP = re.compile(r"\bdocker(?:-|\s+)compose\b(?P<options>[^|;&#\n]*?)\s(?:up|run)(?=\s|$)")
_APART = re.compile(
    r"TEST_INSTANCE_ID|COMPOSE_PROJECT_NAME|\bseatrial\b|SEATRIAL"
    r"|compose[^\n|;&]*\s(?:-p|--project-name)\b"
)
_OF_TESTS = re.compile(r"deploy/test\b|compose[._-]tests?\.|tests?[._-]compose")
_OF_OTHERS = re.compile(r"deploy/(?:dev|prod)\b|compose[._-](?:dev|prod)")


def _check(document: MakefileDocument) -> Iterator[Hit]:
    if _APART.search(document.text):
        return
    for line in lines(document):
        match = _UP.search(line.text) if line.recipe else None
        if match is None or _OF_OTHERS.search(line.text):
            continue
        # Inside of quotes it is a text that another program gets.
        if line.text.count('"', 0, match.start()) % 2:
            continue
        if line.tests or _OF_TESTS.search(line.text):
            start = line.start + match.start()
            what = f"{line.target or 'this'} starts tests under one name for all branches"
            yield Hit(Span(start, line.start + match.end()), what)


RULE = Rule(
    code="SEA120",
    name="no-branch-isolation",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="use seatrial test, or give -p a name with TEST_INSTANCE_ID in it",
    of=MakefileDocument,
    check=_check,
)
