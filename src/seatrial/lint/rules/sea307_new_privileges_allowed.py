"""A service of production may gain privileges that it was not started with.

## Why

Programs with the setuid bit, such as `su` or `mount`, make root of any user. With
`no-new-privileges` the kernel does not honour the bit, and who breaks into the service stays who it
is.

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
    security_opt: ["no-new-privileges:true"]
```

## Mend

Add `security_opt: ["no-new-privileges:true"]`. Only a service that calls `sudo` or the like, to
become another user, does not work with it; stepping down from root does.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, ComposeService, scalar
from seatrial.lint.helpers.layers import extends, items
from seatrial.lint.helpers.mending import added
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Fix, Hit, Rule, Severity, Tier

_OPTION = ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true")
_AFTER = ("cap_drop", "user", "init", "restart", "image", "build")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        if service.base or extends(service) or value_of(service.get("privileged")) == "true":
            continue
        if not any(scalar(item) in _OPTION for item in items(service, "security_opt")):
            what = f"{service.name} may gain privileges that it was not started with"
            yield Hit(service.span, what, fix=_fix(document, service))


def _fix(document: ComposeDocument, service: ComposeService) -> Fix | None:
    if service.get("security_opt") is not None:
        return None
    line = 'security_opt: ["no-new-privileges:true"]'
    fixes = (added(document, ("services", service.name), key, line) for key in _AFTER)
    return next((fix for fix in fixes if fix is not None), None)


RULE = Rule(
    code="SEA307",
    name="new-privileges-allowed",
    severity=Severity.NOTE,
    category=Category.SECURITY,
    mend='add security_opt: ["no-new-privileges:true"]',
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
