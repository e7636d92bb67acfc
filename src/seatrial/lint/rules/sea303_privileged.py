"""A service runs `privileged: true`, with all rights over the host.

## Why

A privileged container sees every device of the host and may load kernel modules: who breaks into
the service has the machine.

## Example

```yaml
services:
  agent:
    image: example/agent:1.4
    privileged: true
```

## Better

```yaml
services:
  agent:
    image: example/agent:1.4
    cap_add:
      - NET_RAW
    devices:
      - /dev/net/tun
```

## Mend

Remove `privileged` and name what the service really needs: a capability in `cap_add`, a device in
`devices`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        node = service.node.get("privileged")
        if isinstance(node, ScalarNode) and node.value is True:
            yield Hit(Span(*node.span), f"{service.name} has all rights over the host")


RULE = Rule(
    code="SEA303",
    name="privileged",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="name the capabilities (cap_add) and devices that it needs",
    of=ComposeDocument,
    check=once(_check),
)
