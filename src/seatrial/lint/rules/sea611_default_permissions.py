"""A workflow does not say what its token may do.

## Why

The repository's settings decide then, and in older ones that is to write everything. Whoever copies
the workflow, or changes the setting, changes what other people's actions may do.

## Example

```yaml
# file: .github/workflows/test.yml
on: push
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

Put `permissions:` with `contents: read` at the top, and more in the job that needs more. Gitea's
workflows are not looked at: its token is another.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.workflows import event_span, jobs, on_github
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    if not on_github(document) or "permissions" in document.root.items:
        return
    silent = [job.name for job in jobs(document) if "permissions" not in job.node.items]
    if silent:
        what = f"the repository's settings decide what the token of {', '.join(silent)} may do"
        yield Hit(event_span(document), what)


RULE = Rule(
    code="SEA611",
    name="default-permissions",
    severity=Severity.NOTE,
    category=Category.WORKFLOW,
    mend="put permissions: with contents: read at the top",
    of=WorkflowDocument,
    check=_check,
)
