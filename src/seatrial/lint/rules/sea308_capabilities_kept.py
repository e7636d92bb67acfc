"""A service of production keeps all capabilities that containers have by default.

## Why

By default a container's root may, among others, change any file's owner, open raw sockets and make
device nodes. Services need next to none of it, and what is not there cannot be misused.

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
    cap_drop: [ALL]
```

## Mend

Write `cap_drop: [ALL]`, and give back with `cap_add` what the service fails without, such as
`SETUID` and `SETGID` for an image that steps down from root.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, scalar
from seatrial.lint.helpers.layers import extends, items
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        if service.base or extends(service) or value_of(service.get("privileged")) == "true":
            continue
        if not any((scalar(item) or "").upper() == "ALL" for item in items(service, "cap_drop")):
            yield Hit(service.span, f"{service.name} keeps capabilities that it may not need")


RULE = Rule(
    code="SEA308",
    name="capabilities-kept",
    severity=Severity.NOTE,
    category=Category.SECURITY,
    mend="write cap_drop: [ALL], and cap_add what it fails without",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
