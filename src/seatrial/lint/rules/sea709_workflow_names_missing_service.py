"""A workflow names a service that is not there.

## Why

The job fails, or never starts again because its path filter can match nothing. It is what a
service leaves behind that was removed by hand.

## Example

```yaml
# file: .github/workflows/release.yml
on: {push: {tags: ["v*"]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        service: [api, billing]
    steps:
      - run: docker build -f services/${{ matrix.service }}/Dockerfile .
```

```dockerfile
# file: services/api/Dockerfile
FROM python:3.12-slim
```

## Better

```yaml
# file: .github/workflows/release.yml
on: {push: {tags: ["v*"]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        service: [api]
    steps:
      - run: docker build -f services/${{ matrix.service }}/Dockerfile .
```

```dockerfile
# file: services/api/Dockerfile
FROM python:3.12-slim
```

## Mend

Remove the name, in the list and wherever a step repeats it.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ListNode, MapNode, ScalarNode
from seatrial.lint.documents import WorkflowDocument, words
from seatrial.lint.helpers.nodes import scalars
from seatrial.lint.helpers.services import missing_folders, names
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_KEYS = ("service", "services")


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    repository = document.repository
    if repository.services:
        known = names(repository)
        for item in _matrices(document.root):
            if item.text not in known and item.text and "$" not in item.text:
                what = f"{item.text} is listed as a service and is none"
                yield Hit(Span(*item.span), what)
    for node in scalars(document.root):
        raw = document.text[slice(*node.span)]
        for path, start, end in missing_folders(repository, raw):
            span = Span(node.span[0] + start, node.span[0] + end)
            yield Hit(span, f"{path} is named here and is not there")


def _matrices(root: MapNode) -> Iterator[ScalarNode]:
    """Yield the services that the matrices of the jobs list."""
    jobs = root.get("jobs")
    for job in jobs.items.values() if isinstance(jobs, MapNode) else ():
        strategy = job.get("strategy") if isinstance(job, MapNode) else None
        matrix = strategy.get("matrix") if isinstance(strategy, MapNode) else None
        if not isinstance(matrix, MapNode):
            continue
        for key in _KEYS:
            if isinstance(matrix.get(key), ListNode):
                yield from words(matrix.get(key))
        include = matrix.get("include")
        for entry in include.items if isinstance(include, ListNode) else ():
            value = entry.get("service") if isinstance(entry, MapNode) else None
            if isinstance(value, ScalarNode):
                yield value


RULE = Rule(
    code="SEA709",
    name="workflow-names-missing-service",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="remove the name",
    of=WorkflowDocument,
    check=_check,
)
