"""A service is given the socket of the container engine.

## Why

Who may speak to the engine may start a privileged container with the host's disk in it: the socket
is root on the host. `:ro` is no help, for it protects the file, not what is said through it.

## Example

```yaml
services:
  proxy:
    image: traefik:3.5
    volumes:
      - /var/run/docker.sock:/var/run/docker.sock:ro
```

## Better

```yaml
services:
  proxy:
    image: traefik:3.5
    command: ["--providers.docker.endpoint=tcp://engine:2375"]
  engine:
    image: example/docker-socket-proxy:1.4
```

## Mend

Do without, or put a proxy between that lets only harmless questions through, on a network of the
two alone. Where a service's work is to start containers, say so beside a suppression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.images import image_of
from seatrial.lint.helpers.mounts import mount_entries
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SOCKET = re.compile(r".*(?:docker|podman|containerd|crio|dockershim)\.sock")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        # A proxy is the one that has to have it.
        if "socket-proxy" in image_of(service):
            continue
        for mount in mount_entries(service.node.get("volumes")):
            if _SOCKET.fullmatch(mount.source) or _SOCKET.fullmatch(mount.target):
                what = f"{service.name} may tell the engine to do anything on the host"
                yield Hit(Span(*mount.node.span), what)


RULE = Rule(
    code="SEA302",
    name="engine-socket-mounted",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="do without, or put a proxy for harmless questions between",
    of=ComposeDocument,
    check=once(_check),
)
