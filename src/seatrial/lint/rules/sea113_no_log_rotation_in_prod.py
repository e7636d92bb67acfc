"""The log of a service in production grows until the disk is full.

## Why

The engine's default driver, `json-file`, keeps every line for as long as the container lives.
Unless the machine's own `daemon.json` says otherwise, which a compose file cannot rely on, one
talkative service fills the disk that the databases write to.

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
    logging:
      driver: json-file
      options:
        max-size: 100m
        max-file: "10"
```

## Mend

Add `logging` with `max-size` and `max-file`; one anchor (`x-logging: &logging`) serves them all.
The driver `local` rotates by itself, and one that sends lines elsewhere keeps none here.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import extends, inner
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        if service.base or extends(service) or service.get("provider") is not None:
            continue
        driver = inner(service, "logging", "driver")
        if driver is not None and value_of(driver) != "json-file":
            continue
        if inner(service, "logging", "options", "max-size") is None:
            what = f"the log of {service.name} grows without end"
            yield Hit(service.key_span("logging"), what)


RULE = Rule(
    code="SEA113",
    name="no-log-rotation-in-prod",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="add logging with driver json-file, max-size and max-file",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
