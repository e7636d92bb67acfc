"""A variable points to `localhost` for a server that is another service of the file.

## Why

In a container `localhost` is that container alone. The address works while the program is run on
the host, and fails in Compose with "connection refused".

## Example

```yaml
services:
  api:
    image: example/api:1.4
    environment:
      DATABASE_URL: postgresql://shop@localhost:5432/shop
  database:
    image: postgres:17
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    environment:
      DATABASE_URL: postgresql://shop@database:5432/shop
  database:
    image: postgres:17
```

## Mend

Write the other service's name in place of `localhost`, and the port that it has in its container.
Addresses of web pages are left alone: they may be meant for a browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.backing import Backing, backing_of
from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.environment import Variable, variables
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.layers import all_services
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^\s/@]*@)?(?:localhost|127\.0\.0\.1)(?::\d+)?(?![\w.])",
    re.IGNORECASE,
)
_HERE = re.compile(r"(?:localhost|127\.0\.0\.1)(?::\d+)?")
_HOST_NAME = re.compile(
    r"(?:^|_)(?P<kind>POSTGRES|PG|DB|DATABASE|MYSQL|MARIADB|REDIS|VALKEY|MONGO|MONGODB|RABBITMQ|NATS)"
    r"_?(?:HOST|HOSTNAME|ADDR|ADDRESS)$"
)
_SQL = ("postgres", "mysql", "mariadb")
_MEANS = {
    **dict.fromkeys(("postgres", "postgresql", "pg"), ("postgres",)),
    **dict.fromkeys(("mysql", "mariadb"), ("mysql", "mariadb")),
    **dict.fromkeys(("redis", "rediss", "valkey"), ("redis", "valkey")),
    **dict.fromkeys(("mongo", "mongodb"), ("mongo",)),
    **dict.fromkeys(("amqp", "amqps", "rabbitmq"), ("rabbitmq",)),
    **dict.fromkeys(("db", "database"), _SQL),
    "nats": ("nats",),
}


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        asking = [v for v in variables(service.node.get("environment")) if _asked(v)]
        if not asking or service.get("network_mode") is not None or server_of(service) is not None:
            continue
        servers = _servers(document)
        for variable in asking:
            kinds = _MEANS.get(_asked(variable), ())
            other = next((name for name, kind in servers.items() if kind in kinds), "")
            if other and not _beside(document, service, other):
                what = f"{variable.name} of {service.name} means {service.name} itself, not {other}"
                mend = f"write {other} in place of localhost"
                yield Hit(variable.span, what, mend=mend)


def _servers(document: ComposeDocument) -> dict[str, str]:
    """Return the servers of this environment by their service's name, with their kind."""
    found: dict[str, Backing | None] = {}
    for name, layers in all_services(document).items():
        images = [value_of(layer.get("image")) for layer in layers if layer.get("image")]
        host = any(layer.get("network_mode") is not None for layer in layers)
        found[name] = None if host or not images else backing_of(images[-1])
    return {name: server.kind for name, server in found.items() if server is not None}


def _asked(variable: Variable) -> str:
    """Return the kind of server that a variable looks for on localhost; empty for none."""
    value = variable.value.strip()
    if url := _URL.match(value):
        return url["scheme"].lower().partition("+")[0]
    name = _HOST_NAME.search(variable.name.upper())
    return name["kind"].lower() if name and _HERE.fullmatch(value) else ""


def _beside(document: ComposeDocument, service: ComposeService, other: str) -> bool:
    """Return whether ``other`` lives in the network of ``service``, where localhost is both."""
    section = document.root.get("services")
    node = section.get(other) if isinstance(section, MapNode) else None
    mode = value_of(node.get("network_mode")) if isinstance(node, MapNode) else ""
    return mode == f"service:{service.name}"


RULE = Rule(
    code="SEA212",
    name="localhost-between-containers",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="write the other service's name in place of localhost",
    of=ComposeDocument,
    check=once(_check),
)
