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
`extra_hosts: ["host.docker.internal:host-gateway"]`. A browser that wants more shared memory gets
`shm_size`. Known watchers of the host, such as node-exporter, may share what they watch.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.helpers.watchers import watches_host
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SHARED = {
    "network_mode": "the host's network",
    "pid": "the host's processes",
    "ipc": "the host's shared memory",
    "userns_mode": "the host's users",
    "uts": "the host's name",
}
_OF_WATCHERS = ("network_mode", "pid")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        watched = _OF_WATCHERS if watches_host(service) else ()
        for key, what in _SHARED.items():
            node = service.node.get(key)
            if key in watched or not isinstance(node, ScalarNode) or value_of(node) != "host":
                continue
            mend = "give it shm_size in place" if key == "ipc" else ""
            yield Hit(Span(*node.span), f"{service.name} shares {what}", mend=mend)


RULE = Rule(
    code="SEA304",
    name="host-namespace",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="publish the ports that are needed and share nothing",
    of=ComposeDocument,
    check=once(_check),
)
