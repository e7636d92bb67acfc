"""A service shares a namespace with the host: its network, processes, memory or users.

## Why

In the host's network a service reaches everything that listens on `127.0.0.1` there, and its ports
clash with the host's; among the host's processes it may look into each of them. What a container is
for is given up.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    network_mode: host
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    ports:
      - "127.0.0.1:8000:8000"
```

## Mend

Publish the ports that are needed; reach the host as `host.docker.internal` with
`extra_hosts: ["host.docker.internal:host-gateway"]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SHARED = {
    "network_mode": "the host's network",
    "pid": "the host's processes",
    "ipc": "the host's shared memory",
    "userns_mode": "the host's users",
    "uts": "the host's name",
}


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        for key, what in _SHARED.items():
            node = service.node.get(key)
            if isinstance(node, ScalarNode) and value_of(node) == "host":
                yield Hit(Span(*node.span), f"{service.name} shares {what}")


RULE = Rule(
    code="SEA304",
    name="host-namespace",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="publish the ports that are needed and share nothing",
    of=ComposeDocument,
    check=_check,
)
