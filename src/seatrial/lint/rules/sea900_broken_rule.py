"""A rule of seatrial's own broke on this file, so what it would have found is not known.

## Why

A rule must look at every file without an error of its own. Where one does not, the other rules go
on, and this says which one did not.

## Example

```text
deploy/test/docker-compose.yml:1:1: SEA900 SEA104 broke here: KeyError at line 41
```

## Better

```text
no findings in 12 files
```

## Mend

Report it with the file's part that matters. Until then leave the named rule out there, with
`[lint.per-path]` in `seatrial.toml`.
"""

from __future__ import annotations

from seatrial.lint.documents import RepositoryDocument
from seatrial.lint.model import Category, Rule, Severity
from seatrial.lint.rules.own import found_by_the_engine

RULE = Rule(
    code="SEA900",
    name="broken-rule",
    severity=Severity.ERROR,
    category=Category.LINT,
    mend="this is a fault of seatrial: please report it, and leave that rule out here until then",
    of=RepositoryDocument,
    check=found_by_the_engine,
)
