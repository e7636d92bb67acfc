"""A comment silences a rule that finds nothing there.

## Why

What it excused was mended or has moved. Left behind, it hides the next such fault at that line.

## Example

```yaml
services:
  agent:
    image: example/agent:1.4
    privileged: false  # seatrial: ignore SEA303 -- it loads a kernel module
```

## Better

```yaml
services:
  agent:
    image: example/agent:1.4
    privileged: false
```

## Mend

Remove the comment; `seatrial lint --fix` does. Codes of rules that did not look, because they are
switched off or were not asked for, are left alone.
"""

from __future__ import annotations

from seatrial.lint.documents import RepositoryDocument
from seatrial.lint.model import Category, Rule, Severity
from seatrial.lint.rules.own import found_by_the_engine

RULE = Rule(
    code="SEA903",
    name="unused-suppression",
    severity=Severity.WARNING,
    category=Category.LINT,
    mend="remove it",
    of=RepositoryDocument,
    check=found_by_the_engine,
)
