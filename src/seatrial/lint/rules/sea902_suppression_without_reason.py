"""A comment that silences a rule gives no reason, or names no rule that exists.

## Why

Who reads the comment a year later must be able to judge whether it still holds. A misspelt code
silences nothing, and nobody notices.

## Example

```yaml
services:
  agent:
    image: example/agent:1.4
    privileged: true  # seatrial: ignore SEA303
```

## Better

```yaml
services:
  agent:
    image: example/agent:1.4
    privileged: true  # seatrial: ignore SEA303 -- it loads the kernel module that it measures
```

## Mend

Write ` -- ` and the reason behind the codes.
"""

from __future__ import annotations

from seatrial.lint.documents import RepositoryDocument
from seatrial.lint.model import Category, Rule, Severity
from seatrial.lint.rules.own import found_by_the_engine

RULE = Rule(
    code="SEA902",
    name="suppression-without-reason",
    severity=Severity.WARNING,
    category=Category.LINT,
    mend="write the codes, then -- and why: seatrial: ignore SEA303 -- reason",
    of=RepositoryDocument,
    check=found_by_the_engine,
)
