"""A service of production may write to its whole file system.

## Why

Who breaks in can put programs there and alter those that run. What the service itself writes to its
container is gone with it at the next deployment, which is rarely meant.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    read_only: true
    tmpfs:
      - /tmp
```

## Mend

Write `read_only: true`, and give the service volumes or `tmpfs` where it has to write.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import extends
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        if service.base or extends(service) or value_of(service.get("read_only")) == "true":
            continue
        yield Hit(service.span, f"{service.name} may write to its whole file system")


RULE = Rule(
    code="SEA310",
    name="writable-root",
    severity=Severity.NOTE,
    category=Category.SECURITY,
    mend="write read_only: true, with tmpfs or volumes where it has to write",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
