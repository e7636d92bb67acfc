"""A service waits for the end of another that is always started again.

## Why

With `restart: always` or `unless-stopped` the engine starts a container again when it ends, exit
code 0 or not. Compose may see its end or miss it, and the work is done over and over.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      migrate:
        condition: service_completed_successfully
  migrate:
    image: example/api:1.4
    command: ["api", "migrate"]
    restart: unless-stopped
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      migrate:
        condition: service_completed_successfully
  migrate:
    image: example/api:1.4
    command: ["api", "migrate"]
    restart: on-failure
```

## Mend

Write `restart: on-failure`, which tries again only what went wrong, or remove the key.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.dependencies import one_shots
from seatrial.lint.helpers.mending import own
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

_FOR_EVER = ("always", "unless-stopped")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        node = service.node.get("restart")
        if not isinstance(node, ScalarNode) or value_of(node) not in _FOR_EVER:
            continue
        if value_of(service.get("restart")) in _FOR_EVER and service.name in one_shots(document):
            what = f"others wait for the end of {service.name}, which is always started again"
            yield Hit(Span(*node.span), what, fix=_fix(document, service.name))


def _fix(document: ComposeDocument, name: str) -> Fix | None:
    path = ("services", name, "restart")
    node = own(document, *path)
    if not isinstance(node, ScalarNode) or "$" in node.text:
        return None
    at = document.text.find(node.text, *node.span)
    if at < 0:
        return None
    return Fix((Edit(Span(at, at + len(node.text)), "on-failure"),), (path,))


RULE = Rule(
    code="SEA215",
    name="completed-never",
    severity=Severity.ERROR,
    category=Category.RUNTIME,
    mend="write restart: on-failure, or remove the key",
    of=ComposeDocument,
    check=once(_check),
)
