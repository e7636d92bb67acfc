"""A health check gives a probe more time than lies between two probes.

## Why

The next probe comes an `interval` after the last one has ended. One that hangs is given up after
`timeout` only, so that a dead service is found out after `retries` times both: the short interval
promises what it does not keep.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    healthcheck:
      test: ["CMD", "api", "check"]
      interval: 5s
      timeout: 30s
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    healthcheck:
      test: ["CMD", "api", "check"]
      interval: 5s
      timeout: 3s
```

## Mend

Give the probe as long as a good answer may take, which is less than the interval.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.durations import seconds
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        check = service.node.get("healthcheck")
        if not isinstance(check, MapNode):
            continue
        timeout, interval = seconds(check.get("timeout")), seconds(check.get("interval"))
        if timeout and interval and timeout > interval:
            what = f"a probe of {service.name} may hang for {timeout:g} s, longer than its interval"
            yield Hit(Span(*check.keys["timeout"].span), what)


RULE = Rule(
    code="SEA217",
    name="patient-probe",
    severity=Severity.NOTE,
    category=Category.RUNTIME,
    mend="give the probe less time than the interval",
    of=ComposeDocument,
    check=once(_check),
)
