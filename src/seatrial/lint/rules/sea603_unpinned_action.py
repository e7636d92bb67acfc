"""A workflow uses somebody's action by a tag or a branch, which its owner can move.

## Why

A tag is what its owner, or whoever took over the account, makes of it today. The action runs with
the job's token and secrets; tags of well-known actions were moved to code that stole them. A
commit's digest cannot be moved.

## Example

```yaml
# file: .github/workflows/test.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: astral-sh/setup-uv@v7
```

## Better

```yaml
# file: .github/workflows/test.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: astral-sh/setup-uv@0123456789abcdef0123456789abcdef01234567 # v7.1.2
```

## Mend

Write the commit's 40 digits, and the version behind it as a comment: Dependabot and Renovate keep
both up to date. Actions of the repository itself (`./…`) need none; those of GitHub itself are
SEA610.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.actions import is_official, loose
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    for node in loose(document):
        if not is_official(node.text):
            yield Hit(Span(*node.span), f"{node.text} is whatever its owner makes of it today")


RULE = Rule(
    code="SEA603",
    name="unpinned-action",
    severity=Severity.WARNING,
    category=Category.WORKFLOW,
    mend="write the commit's 40 digits, and the version as a comment",
    of=WorkflowDocument,
    check=_check,
)
