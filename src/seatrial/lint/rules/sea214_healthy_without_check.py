"""A service waits until another is healthy, and that one has no health check.

## Why

Compose refuses to go on: `dependency failed to start: container … has no healthcheck configured`.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      database:
        condition: service_healthy
  database:
    image: postgres:17
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      database:
        condition: service_healthy
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
```

## Mend

Give the other service a health check. Images that nobody knows may bring one and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.dependencies import HEALTHY, depends_on
from seatrial.lint.helpers.healthchecks import Checked, checked
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.layers import all_services
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.stages import chain_of
from seatrial.lint.helpers.tools import known
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    everything = all_services(document)
    for service in document.services.values():
        for need in depends_on(service.node):
            layers = everything.get(need.service)
            if need.condition != HEALTHY or layers is None:
                continue
            other = ComposeService(need.service, layers[-1], Span(0, 0), (), layers[:-1])
            state = checked(document, other)
            off = state is Checked.DISABLED
            if off or (state is Checked.NO and _certain(document, other)):
                lack = "has its health check switched off" if off else "has no health check"
                what = f"{service.name} waits until {need.service} is healthy, which {lack}"
                yield Hit(need.span, what)


def _certain(document: ComposeDocument, service: ComposeService) -> bool:
    """Return whether the image is known not to bring a check."""
    if service.get("build") is None:
        return server_of(service) is not None
    found = chain_of(document, service)
    return found is not None and known(found.base)


RULE = Rule(
    code="SEA214",
    name="healthy-without-check",
    severity=Severity.ERROR,
    category=Category.RUNTIME,
    mend="give the other service a health check",
    of=ComposeDocument,
    check=once(_check),
)
