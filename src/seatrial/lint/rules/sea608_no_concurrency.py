"""A workflow of pull requests has no `concurrency`, so every push adds a run and ends none.

## Why

Three pushes in a row are three whole runs, and only the last one is of any use. They hold the
runners that others wait for.

## Example

```yaml
# file: .github/workflows/test.yml
on: pull_request
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
```

## Better

```yaml
# file: .github/workflows/test.yml
on: pull_request
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  cancel-in-progress: true
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
```

## Mend

Put `concurrency` with a group of the workflow and the ref at the top, and `cancel-in-progress:
true`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node
from seatrial.lint.documents import WorkflowDocument, words
from seatrial.lint.helpers.workflows import event_span, events, jobs
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    started = events(document)
    if "pull_request" not in started or "concurrency" in document.root.items:
        return
    if not _on_pushes(started["pull_request"]):
        return
    found = list(jobs(document))
    if found and not any("concurrency" in job.node.items for job in found):
        yield Hit(event_span(document), "a new push does not end the run of the one before")


def _on_pushes(node: Node | None) -> bool:
    """Return whether what is pushed to a pull request starts a run."""
    types = node.get("types") if isinstance(node, MapNode) else None
    return types is None or any(word.text == "synchronize" for word in words(types))


RULE = Rule(
    code="SEA608",
    name="no-concurrency",
    severity=Severity.NOTE,
    category=Category.WORKFLOW,
    mend="add concurrency with a group of the ref, and cancel-in-progress: true",
    of=WorkflowDocument,
    check=_check,
)
