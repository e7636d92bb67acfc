"""A service of a development or test environment has a limit of memory or processors.

## Why

Limits are measured for production and its load. Elsewhere they make builds, reloads and tests
slower, or kill a service in the middle of a test for a reason that no log tells.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
    deploy:
      resources:
        limits:
          memory: 256M
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
```

## Mend

Move the limits to `deploy/prod`. Where a test is about the limit itself, or a server sizes itself
by what it sees, suppress this with that reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import with_key
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier

_LEGACY = ("mem_limit", "cpus")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for _, deploy, names in with_key(document, "deploy"):
        span = _limits(deploy)
        if span:
            yield Hit(span, f"{names} is limited as in production")
    for key in _LEGACY:
        for service, _, names in with_key(document, key):
            yield Hit(service.key_span(key), f"{names} is limited as in production")


def _limits(deploy: Node) -> Span | None:
    resources = deploy.get("resources") if isinstance(deploy, MapNode) else None
    limits = resources.get("limits") if isinstance(resources, MapNode) else None
    if not isinstance(resources, MapNode) or not isinstance(limits, MapNode):
        return None
    if not {"memory", "cpus"} & limits.items.keys():
        return None
    return Span(*resources.keys["limits"].span)


RULE = Rule(
    code="SEA114",
    name="limits-in-dev-or-test",
    severity=Severity.NOTE,
    category=Category.PATTERN,
    mend="move the limits to deploy/prod",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.DEV, Tier.TEST}),
)
