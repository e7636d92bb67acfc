"""A service of production runs as root.

## Why

Root in the container is root on the host as soon as anything between gives way: a mounted folder, a
flaw of the kernel or the engine. Almost no service needs it.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  web:
    image: nginx:1.29
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  web:
    image: nginxinc/nginx-unprivileged:1.29
    user: "101:101"
```

## Mend

Give the Dockerfile a `USER`, or the service a `user:`, and let it own what it writes to. Images
that nobody knows, and those that step down by themselves (as databases do), are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.dependencies import one_shots
from seatrial.lint.helpers.layers import extends
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.users import is_root, known_root
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    short = one_shots(document)
    for service in document.services.values():
        user = service.node.get("user")
        if isinstance(user, ScalarNode):
            # A short preparation, such as a chown of a volume, may need to be root.
            if is_root(value_of(user)) and service.name not in short:
                yield Hit(Span(*user.span), f"{service.name} runs as root")
            continue
        silent = service.get("user") is None and not service.base and not extends(service)
        if silent and known_root(document, service):
            yield Hit(service.span, f"{service.name} runs as root: its image says nothing else")


RULE = Rule(
    code="SEA306",
    name="root-in-prod",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="give the Dockerfile a USER or the service a user:",
    of=ComposeDocument,
    check=once(_check),
    tiers=frozenset({Tier.PROD}),
)
