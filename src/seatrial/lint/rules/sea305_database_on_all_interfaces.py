"""A database or broker publishes its port on all interfaces of the host.

## Why

Who reaches the machine reaches the database: the office, the café's network, on a server the whole
internet, for Docker's rules come before those of the host's firewall. Development passwords are
weak on purpose.

## Example

```yaml
services:
  database:
    image: postgres:17
    ports:
      - "5432:5432"
```

## Better

```yaml
services:
  database:
    image: postgres:17
    ports:
      - "127.0.0.1:5432:5432"
```

## Mend

Put `127.0.0.1:` before the port; other services reach the database by its name without any
published port. In test environments the engine chooses the port for one run, and nothing is found.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.edits import insert_after
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.mending import inserted, own_map
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.ports import PortEntry, port_entries
from seatrial.lint.helpers.variables import with_defaults
from seatrial.lint.model import Category, Fix, Hit, Rule, Severity, Span, Tier

_ALL = ("0.0.0.0", "::", "[::]")
# Object stores and search engines have pages and clients outside.
_NOT_MEANT = ("minio", "elasticsearch")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    if document.tier is Tier.TEST:
        return
    for service in document.services.values():
        server = server_of(service)
        if server is None or server.kind in _NOT_MEANT:
            continue
        ports = service.node.get("ports")
        for entry in port_entries(ports):
            ip = with_defaults(entry.ip)
            # A variable may hold address and port: `${PORT:-127.0.0.1:6379}`.
            if ip in _ALL or (not entry.ip and ":" not in with_defaults(entry.host)):
                what = f"{service.name} is open on every interface of the host"
                fix = None if ip else _fix(document, service.name, entry)
                yield Hit(Span(*entry.node.span), what, fix=fix)


def _fix(document: ComposeDocument, name: str, entry: PortEntry) -> Fix | None:
    path = ("services", name, "ports")
    section = document.services[name].node.get("ports")
    items = getattr(section, "items", ())
    at = (*path, str(next(i for i, item in enumerate(items) if item is entry.node)))
    if entry.host and not entry.published.isdecimal():
        return None
    if not isinstance(entry.node, MapNode):
        prefix = "127.0.0.1:" if entry.host else "127.0.0.1::"
        return inserted(document, at, 0, prefix, path)
    node = own_map(document, *at)
    if node is None or "host_ip" in node.items:
        return None
    edit = insert_after(document.text, node, "target", "host_ip: 127.0.0.1")
    return Fix((edit,), (path,)) if edit else None


RULE = Rule(
    code="SEA305",
    name="database-on-all-interfaces",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="put 127.0.0.1: before the port",
    of=ComposeDocument,
    check=once(_check),
)
