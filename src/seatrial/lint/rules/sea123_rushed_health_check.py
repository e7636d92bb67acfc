"""A health check of development or production is asked every few seconds, for as long as it runs.

## Why

Each probe starts a process in the container. Every second or two, over many services and weeks,
that is load and a log full of it, and says nothing that 30 s would not. Only the start is in a
hurry, and `start_interval` is for that.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 2s
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      interval: 30s
      start_period: 60s
      start_interval: 1s
```

## Mend

Set `interval: 30s`, and `start_period` with `start_interval` for a fast start. A service that is
taken out of a load balancer by its health may need less: suppress this with that reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.durations import seconds
from seatrial.lint.helpers.layers import with_key
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier

_SHORTEST = 10.0


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for _, check, names in with_key(document, "healthcheck"):
        interval = check.get("interval") if isinstance(check, MapNode) else None
        every = seconds(interval)
        if interval is not None and every is not None and 0 < every < _SHORTEST:
            what = f"{names} is probed every {every:g} s for as long as it runs"
            yield Hit(Span(*interval.span), what)


RULE = Rule(
    code="SEA123",
    name="rushed-health-check",
    severity=Severity.NOTE,
    category=Category.PATTERN,
    mend="set interval: 30s, and start_period with start_interval for the start",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.DEV, Tier.PROD}),
)
