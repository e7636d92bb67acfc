"""A health check has `start_interval` and no `start_period`, so `start_interval` does nothing.

## Why

The engine probes every `start_interval` only while `start_period` lasts, and that is 0 s where it
is not given: the first probe then comes after a whole `interval`, and every start waits for it.

## Example

```yaml
services:
  db:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 5s
      start_interval: 100ms
```

## Better

```yaml
services:
  db:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 5s
      start_interval: 100ms
      start_period: 30s
```

## Mend

Add `start_period`, as long as the service may take to start at worst. It ends early once the
service is healthy, so a generous one costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.mending import added
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        check = service.node.get("healthcheck")
        if not isinstance(check, MapNode) or check.get("start_interval") is None:
            continue
        layers = (*service.layers, *service.base)
        others = [layer.get("healthcheck") for layer in layers]
        checks = [check, *(other for other in others if isinstance(other, MapNode))]
        if "extends" in service.node.items or any(c.get("start_period") for c in checks):
            continue
        path = ("services", service.name, "healthcheck")
        yield Hit(
            Span(*check.keys["start_interval"].span),
            f"start_interval of {service.name} does nothing without start_period",
            fix=added(document, path, "start_interval", "start_period: 30s"),
        )


RULE = Rule(
    code="SEA201",
    name="start-interval-without-start-period",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="add start_period, as long as a start may take at worst",
    of=ComposeDocument,
    check=once(_check),
)
