"""A database of a development environment has no named place for its data.

## Why

Without one the data lies in an anonymous volume that belongs to the container: `down`, a new image
or a changed line of the file start with an empty database, and the old volume stays behind unseen.

## Example

```yaml
# file: deploy/dev/docker-compose.yml
services:
  database:
    image: postgres:17
```

## Better

```yaml
# file: deploy/dev/docker-compose.yml
services:
  database:
    image: postgres:17
    volumes:
      - postgres-data:/var/lib/postgresql/data

volumes:
  postgres-data:
```

## Mend

Mount a named volume over the folder in which the image keeps its data. PostgreSQL's moved with
version 18, from `/var/lib/postgresql/data` to `/var/lib/postgresql`. Where the data is meant to
vanish, say so with `tmpfs`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.images import data_place
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        place = data_place(service)
        if place is not None and not service.base and not place.kept:
            what = f"the data of {service.name}, {place.folder}, is gone with its container"
            yield Hit(service.span, what, f"mount a named volume over {place.folder}")


RULE = Rule(
    code="SEA115",
    name="unnamed-storage-in-dev",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="mount a named volume over the folder of its data",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.DEV}),
)
