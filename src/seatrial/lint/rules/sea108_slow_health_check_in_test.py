"""A health check of a test environment is asked too seldom, so every start waits for it.

## Why

The first probe comes after a whole `interval`, 30 s where none is given, and nothing that depends
on the service starts before. Each test run pays that, for each service in a row.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 30s
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 5s
      start_period: 30s
      start_interval: 200ms
```

## Mend

Give `start_period`, as long as a start may take at worst, and a short `start_interval` (Engine 25
and newer); or an `interval` of 5 s at most. `retries` may have to grow with it, so it is yours to
do.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.durations import seconds
from seatrial.lint.helpers.healthchecks import Checked, checked
from seatrial.lint.helpers.layers import extends, inner, with_key
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier

_LONGEST = 5.0
_DEFAULT = 30.0


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service, check, names in with_key(document, "healthcheck"):
        if not isinstance(check, MapNode) or service.base or extends(service):
            continue
        if checked(document, service) is Checked.DISABLED:
            continue
        if inner(service, "healthcheck", "start_interval") is not None:
            continue
        given = inner(service, "healthcheck", "interval")
        interval = _DEFAULT if given is None else seconds(given)
        if interval is not None and interval > _LONGEST:
            key = check.keys.get("interval")
            span = Span(*key.span) if key else service.key_span("healthcheck")
            yield Hit(span, f"the first probe of {names} comes after {interval:g} s")


RULE = Rule(
    code="SEA108",
    name="slow-health-check-in-test",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="add start_period and start_interval, or an interval of 5s at most",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.TEST}),
)
