"""A workflow uses an action of GitHub itself (`actions/…`) by a tag.

## Why

Who runs the workflow trusts its owner anyway, so this is a note: but a tag is still another version
tomorrow, and the same commit may pass today and fail then.

## Example

```yaml
# file: .github/workflows/test.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
```

## Better

```yaml
# file: .github/workflows/test.yml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v5.0.0
```

## Mend

Write the commit's 40 digits, and the version behind it as a comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import WorkflowDocument
from seatrial.lint.helpers.actions import is_official, loose
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: WorkflowDocument) -> Iterator[Hit]:
    for node in loose(document):
        if is_official(node.text):
            yield Hit(Span(*node.span), f"{node.text} may be another version tomorrow")


RULE = Rule(
    code="SEA610",
    name="unpinned-official-action",
    severity=Severity.NOTE,
    category=Category.WORKFLOW,
    mend="write the commit's 40 digits, and the version as a comment",
    of=WorkflowDocument,
    check=_check,
)
