"""A job has no `timeout-minutes`, so one that hangs runs for six hours.

## Why

A container that never becomes healthy, a test that waits for ever: the job holds its runner, and
the next ones queue behind it.

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
jobs:
  test:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - run: make test
```

## Mend

Add `timeout-minutes`, two or three times what the job takes. Gitea heeds it from 1.27 on.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.workflows import jobs, steps
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    for job in jobs(document):
        found = list(steps(job))
        limited = all("timeout-minutes" in step.node.items for step in found)
        if "uses" not in job.node.items and "timeout-minutes" not in job.node.items and not limited:
            yield Hit(job.span, f"the job {job.name} may hang for six hours")


RULE = Rule(
    code="SEA607",
    name="no-timeout",
    severity=Severity.NOTE,
    category=Category.WORKFLOW,
    mend="add timeout-minutes, two or three times what the job takes",
    of=WorkflowDocument,
    check=_check,
)
