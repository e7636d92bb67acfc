"""A service that others wait for, or that publishes a port, has no health check.

## Why

Without one "started" is all that can be waited for, and a server that has started does not answer
yet: what depends on it races, and tests fail now and then.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      - database
    healthcheck:
      test: ["CMD", "api", "check"]

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
    healthcheck:
      test: ["CMD", "api", "check"]

  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
      start_period: 30s
      start_interval: 200ms
```

## Mend

Add a `healthcheck` whose command is in the image and asks the service itself. A service that is
built may have its check in its Dockerfile, and one that only runs to its end needs none. Outside
of `deploy/dev`, `deploy/test` and `deploy/prod` only known servers that others depend on are asked
for one.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.dependencies import one_shots, waited_for
from seatrial.lint.helpers.healthchecks import Checked, checked
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.ports import port_entries
from seatrial.lint.model import Category, Hit, Rule, Severity

_UNASKED = ("nats", "memcached")  # images without a client to ask with


def _check(document: ComposeDocument) -> Iterator[Hit]:
    needed, short = waited_for(document), one_shots(document)
    for service in document.services.values():
        if service.name in short or service.get("provider") is not None:
            continue
        why = _reason(document, service, needed)
        if why and not service.base and checked(document, service) is Checked.NO:
            yield Hit(service.span, f"{service.name} has no health check, and {why}")


def _reason(document: ComposeDocument, service: ComposeService, needed: dict[str, str]) -> str:
    server = server_of(service)
    if document.tier is None and (server is None or server.kind in _UNASKED):
        return ""
    if service.name in needed:
        return f"{needed[service.name]} depends on it"
    published = any(port_entries(service.get("ports")))
    return "it publishes a port" if published and document.tier else ""


RULE = Rule(
    code="SEA105",
    name="missing-health-check",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="add a healthcheck with a command that the image has",
    of=ComposeDocument,
    check=_check,
)
