"""An override file publishes a container port again that the file below it publishes already.

## Why

Compose joins the `ports` of both files; it does not replace one by the other. The container is
then published twice, and the port that the override was to move is still taken.

## Example

```yaml
# file: compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
```

```yaml
# file: compose.override.yml
services:
  api:
    ports:
      - "9000:8000"
```

## Better

```yaml
# file: compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
```

```yaml
# file: compose.override.yml
services:
  api:
    ports: !override
      - "9000:8000"
```

## Mend

Tag the list of the override with `!override` (Compose 2.24.4 and newer), and repeat in it whatever
of the lower file is to stay.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ListNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.mending import own
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.ports import PortEntry, port_entries
from seatrial.lint.helpers.variables import with_defaults
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        ports = service.node.get("ports")
        if not isinstance(ports, ListNode) or ports.tag:
            continue
        # A file that says all of a service may be meant to be read alone.
        if {"image", "build"} & service.node.items.keys() and "override" not in document.path.name:
            continue
        below = [entry for layer in service.base for entry in port_entries(layer.get("ports"))]
        again = [entry for entry in port_entries(ports) if _moves(entry, below)]
        fix = _fix(document, service, below) if again else None
        for entry in again:
            target = with_defaults(entry.target)
            what = f"port {target} of {service.name} is published twice: Compose joins both lists"
            # One tag mends all entries of the list.
            yield Hit(Span(*entry.node.span), what, fix=fix if entry is again[0] else None)


def _key(entry: PortEntry) -> tuple[str, str]:
    return with_defaults(entry.target), entry.protocol


def _moves(entry: PortEntry, below: list[PortEntry]) -> bool:
    """Return whether ``entry`` is another way to a port that is published below."""
    same = [other for other in below if _key(other) == _key(entry)]
    # What both files say in the same words, Compose takes once.
    return bool(same) and all((o.ip, o.host) != (entry.ip, entry.host) for o in same)


def _fix(document: ComposeDocument, service: ComposeService, below: list[PortEntry]) -> Fix | None:
    path = ("services", service.name, "ports")
    ports = own(document, *path)
    kept = {_key(entry) for entry in port_entries(ports)}
    if ports is None or any(_key(entry) not in kept for entry in below):
        return None
    at = service.node.keys["ports"].span[1] + 1
    if document.text[at - 1 : at] != ":":
        return None
    return Fix((Edit(Span(at, at), " !override"),), (path,))


RULE = Rule(
    code="SEA205",
    name="override-concatenates-ports",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="tag the list with !override, which replaces the one below it",
    of=ComposeDocument,
    check=once(_check),
)
