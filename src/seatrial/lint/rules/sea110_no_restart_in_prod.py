"""A service of production is not restarted when it ends.

## Why

Compose restarts nothing by itself: after a crash, or a reboot of the machine, the service stays
away until somebody notices.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/api:1.4
    restart: unless-stopped
    ports:
      - "8000:8000"
```

## Mend

Add `restart: unless-stopped`. A service that others wait for to end (`condition:
service_completed_successfully`), one with a profile and one that says `restart: "no"` are left in
peace; where nothing shows that a service runs on (a port, a health check), the mend is left to you.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.dependencies import one_shots, waited_for
from seatrial.lint.helpers.healthchecks import Checked, checked
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.layers import extends, inner
from seatrial.lint.helpers.mending import added
from seatrial.lint.model import Category, Fix, Hit, Rule, Severity, Tier

# What only a swarm reads; it restarts by itself.
_SWARM = ("restart_policy", "placement", "update_config", "rollback_config", "endpoint_mode")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    short = one_shots(document)
    for service in document.services.values():
        if service.name in short or service.base or extends(service) or _settled(service):
            continue
        yield Hit(
            service.span,
            f"{service.name} stays away after a crash or a reboot",
            fix=_fix(document, service),
        )


def _settled(service: ComposeService) -> bool:
    keys = ("restart", "profiles", "provider")
    if any(service.get(key) is not None for key in keys):
        return True
    return any(inner(service, "deploy", key) is not None for key in _SWARM)


def _fix(document: ComposeDocument, service: ComposeService) -> Fix | None:
    runs_on = (
        service.get("ports") is not None
        or server_of(service) is not None
        or service.name in waited_for(document)
        or checked(document, service) is Checked.YES
    )
    anchor = next((key for key in ("image", "build") if key in service.node.items), None)
    if not runs_on or anchor is None:
        return None
    return added(document, ("services", service.name), anchor, "restart: unless-stopped")


RULE = Rule(
    code="SEA110",
    name="no-restart-in-prod",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="add restart: unless-stopped",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
