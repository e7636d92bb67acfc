"""A service of production publishes a port whose number is left to chance.

## Why

With the container's port alone the engine picks another number at every start. That is right for
tests; in production nobody would find the service.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000"
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "${API_PORT:-8000}:8000"
```

## Mend

Give the host's port too. A port that only other services of the project use needs no entry at all:
they share a network.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import with_key
from seatrial.lint.helpers.ports import port_entries
from seatrial.lint.helpers.variables import with_defaults
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for _, ports, names in with_key(document, "ports"):
        for entry in port_entries(ports):
            if entry.host in ("", "0") and with_defaults(entry.target):
                what = f"port {entry.target} of {names} gets another number at every start"
                yield Hit(Span(*entry.node.span), what)


RULE = Rule(
    code="SEA117",
    name="dynamic-port-in-prod",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="give the host's port too, or drop the entry",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
