"""A workflow or a job gives its token the right to write everything.

## Why

Every step has the token, those of other people's actions too. With `write-all` any of them can push
code, change releases and publish packages.

## Example

```yaml
# file: .github/workflows/test.yml
on: push
permissions: write-all
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
```

## Better

```yaml
# file: .github/workflows/test.yml
on: push
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
```

## Mend

Name what is needed: `contents: read` for the workflow, and more in the one job that publishes.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.workflows import jobs
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    holders = [("the workflow", document.root), *((job.name, job.node) for job in jobs(document))]
    for name, holder in holders:
        node = holder.get("permissions")
        if isinstance(node, ScalarNode) and node.text == "write-all":
            yield Hit(Span(*node.span), f"the token of {name} may write everything")


RULE = Rule(
    code="SEA605",
    name="broad-permissions",
    severity=Severity.WARNING,
    category=Category.WORKFLOW,
    mend="name the permissions that it needs, such as contents: read",
    of=WorkflowDocument,
    check=_check,
)
