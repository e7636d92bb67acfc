"""A service of production may take all memory of its machine.

## Why

One service that leaks takes its neighbours down with it: when memory ends, the kernel chooses what
it kills. With a limit the one that leaks is killed and restarted, and the others do not notice.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    restart: unless-stopped
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    restart: unless-stopped
    deploy:
      resources:
        limits:
          memory: 512M
          cpus: "1"
```

## Mend

Add `deploy.resources.limits` with `memory`, and `cpus` where services compete. Measure what the
service needs first (`docker stats`): a limit that is too small kills it.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import extends, inner
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        if service.base or extends(service) or service.get("provider") is not None:
            continue
        limit = inner(service, "deploy", "resources", "limits", "memory")
        if limit is None and service.get("mem_limit") is None:
            yield Hit(service.span, f"{service.name} has no limit of memory")


RULE = Rule(
    code="SEA111",
    name="no-limits-in-prod",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="add deploy.resources.limits with memory and cpus",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
