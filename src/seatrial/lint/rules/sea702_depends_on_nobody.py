"""A service needs another one that no file has.

## Why

Compose refuses the whole project: nothing starts, not even what is whole. It is what a service
leaves behind that was removed by hand.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      - databse

  database:
    image: postgres:17
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      - database

  database:
    image: postgres:17
```

## Mend

Mend the name, or remove the entry. `depends_on`, `links`, `volumes_from` and `network_mode:
service:…` all name services.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.dependencies import needs
from seatrial.lint.helpers.layers import all_services, whole
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: ComposeDocument) -> Iterator[Hit]:
    if not whole(document):
        return
    known = all_services(document)
    seen = set()
    for service in document.services.values():
        for need in needs(service.node):
            absent = need.service not in known and "$" not in need.service and need.required
            # An anchor gives one entry to several services.
            if absent and need.span not in seen and not _elsewhere(document, need.service):
                seen.add(need.span)
                near = get_close_matches(need.service, known, 1, 0.7)
                mend = f"did you mean {near[0]}? or remove the entry" if near else ""
                what = f"{need.key} of {service.name} names {need.service}, which no file has"
                yield Hit(need.span, what, mend)


def _elsewhere(document: ComposeDocument, service: str) -> bool:
    """Return whether a file outside of the pattern may be read with one that has the service."""
    return document.tier is None and service in document.repository.composed


RULE = Rule(
    code="SEA702",
    name="depends-on-nobody",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="remove the entry, or mend the name",
    of=ComposeDocument,
    check=_check,
)
