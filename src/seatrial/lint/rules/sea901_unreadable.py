"""A file cannot be looked at: it is broken, empty, too large, or not what its name says.

## Why

What cannot be read is not checked, and Docker will not read it either: broken YAML, a key that is
there twice, a byte that is not UTF-8, a tab in the indentation, marks of a git conflict that were
left behind, aliases that grow beyond all measure, a compose file without services.

## Example

```yaml
services:
  db:
    image: postgres:17
    image: postgres:16
```

## Better

```yaml
services:
  db:
    image: postgres:17
```

## Mend

Mend what the message names, at its line. Where the file is no compose file at all in spite of its
name, ignore the rule for its path in `seatrial.toml`.
"""

from __future__ import annotations

from seatrial.lint.documents import RepositoryDocument
from seatrial.lint.model import Category, Rule, Severity
from seatrial.lint.rules.own import found_by_the_engine

RULE = Rule(
    code="SEA901",
    name="unreadable",
    severity=Severity.ERROR,
    category=Category.LINT,
    mend="mend the file there",
    of=RepositoryDocument,
    check=found_by_the_engine,
)
