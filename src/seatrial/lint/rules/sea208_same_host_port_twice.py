"""Two entries of one file publish the same port of the host.

## Why

The second container cannot start: `port is already allocated`. Where both numbers are defaults of
variables, that happens to everybody who has set none.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
  admin:
    image: example/admin:1.4
    ports:
      - "${ADMIN_PORT:-8000}:8080"
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
  admin:
    image: example/admin:1.4
    ports:
      - "${ADMIN_PORT:-8001}:8080"
```

## Mend

Give one of the two another port of the host. Services with `profiles` may take turns and are left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.ports import PortEntry, port_entries
from seatrial.lint.helpers.variables import with_defaults
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_ANY = ("", "0.0.0.0", "[::]", "::")


class _Taken(NamedTuple):
    """Ports of the host that an entry of the service ``by`` takes."""

    by: str
    entry: PortEntry
    numbers: frozenset[int]


def _check(document: ComposeDocument) -> Iterator[Hit]:
    seen: list[_Taken] = []
    for service in document.services.values():
        if service.get("profiles") is not None:
            continue
        for entry in port_entries(service.node.get("ports")):
            mine = _Taken(service.name, entry, _numbers(entry))
            other = next((each for each in seen if _clash(each, mine)), None)
            if other is not None:
                port = min(other.numbers & mine.numbers)
                who = "does another entry of it" if other.by == mine.by else f"does {other.by}"
                what = f"{service.name} takes the host's port {port}, and so {who}"
                yield Hit(Span(*entry.node.span), what)
            seen.append(mine)


def _numbers(entry: PortEntry) -> frozenset[int]:
    if not entry.fixed:
        return frozenset()
    first, _, last = entry.published.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        return frozenset()
    return frozenset(range(int(first), min(int(last or first), 65535) + 1))


def _clash(one: _Taken, other: _Taken) -> bool:
    if one.entry.protocol != other.entry.protocol or not one.numbers & other.numbers:
        return False
    if one.by == other.by and one.entry.target == other.entry.target:
        # Said twice in one service, it is published once.
        return False
    ips = with_defaults(one.entry.ip), with_defaults(other.entry.ip)
    return ips[0] == ips[1] or any(ip in _ANY for ip in ips)


RULE = Rule(
    code="SEA208",
    name="same-host-port-twice",
    severity=Severity.ERROR,
    category=Category.RUNTIME,
    mend="give one of the two another port of the host",
    of=ComposeDocument,
    check=_check,
)
