"""A service of production has a limit of memory and no reservation.

## Why

A reservation is what the service surely needs. A swarm places services by it, and under pressure
the kernel takes memory first from those that are over theirs.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    deploy:
      resources:
        limits:
          memory: 512M
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    deploy:
      resources:
        limits:
          memory: 512M
        reservations:
          memory: 128M
```

## Mend

Add `deploy.resources.reservations` with the `memory` that the service uses on a quiet day.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.layers import extends, inner
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        limited = inner(service, "deploy", "resources", "limits", "memory")
        if limited is None or service.base or extends(service):
            continue
        reserved = inner(service, "deploy", "resources", "reservations", "memory")
        if reserved is None and service.get("mem_reservation") is None:
            yield Hit(_span(service), f"{service.name} has a limit and no reservation of memory")


def _span(service: ComposeService) -> Span:
    """Return where the limits stand in this file, else the service's name."""
    node = service.node.get("deploy")
    resources = node.get("resources") if isinstance(node, MapNode) else None
    key = resources.keys.get("limits") if isinstance(resources, MapNode) else None
    return Span(*key.span) if key else service.span


RULE = Rule(
    code="SEA112",
    name="no-reservations-in-prod",
    severity=Severity.NOTE,
    category=Category.PATTERN,
    mend="add deploy.resources.reservations with memory",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
