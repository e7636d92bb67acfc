"""The data of a database in production is one `down -v` away from being lost.

## Why

A volume that a compose file declares is the project's, and goes with it: `docker compose down -v`
deletes it, in the wrong window too. One that is made beforehand and marked `external`, or a folder
of the host, is not Compose's to remove.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    volumes:
      - postgres-data:/var/lib/postgresql/data

volumes:
  postgres-data:
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    volumes:
      - postgres-data:/var/lib/postgresql/data

volumes:
  postgres-data:
    external: true
    name: shop-prod-postgres
```

## Mend

Mark the volume `external: true` with a `name:`, and make it once with `docker volume create`. For a
volume that is in use the name is `<project>_<key>`: then the data stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node
from seatrial.lint.documents import ComposeDocument, scalar
from seatrial.lint.helpers.images import data_place, is_database, server_of
from seatrial.lint.helpers.layers import trees
from seatrial.lint.helpers.mounts import mount_entries
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        server = server_of(service)
        for entry in mount_entries(service.node.get("volumes")) if server else ():
            mine = server is not None and entry.target in server.data
            if mine and entry.kind == "volume" and entry.source and _owned(document, entry.source):
                what = f"`down -v` deletes {entry.source}, the data of {service.name}"
                yield Hit(Span(*entry.node.span), what)
        place = data_place(service)
        if place and not place.kept and server and is_database(server) and not service.base:
            what = f"the data of {service.name}, {place.folder}, is gone with its container"
            yield Hit(service.span, what, f"mount an external volume over {place.folder}")


def _owned(document: ComposeDocument, volume: str) -> bool:
    """Return whether Compose makes the volume, and so removes it."""
    declared: list[Node] = []
    for tree in trees(document):
        section = tree.get("volumes")
        if isinstance(section, MapNode) and volume in section.items:
            declared.append(section.items[volume])
    maps = [node for node in declared if isinstance(node, MapNode)]
    # Options of a driver say where on the host or in the network the data really is.
    elsewhere = any({"driver", "driver_opts"} & node.items.keys() for node in maps)
    external = any(_external(node) for node in maps)
    return bool(declared) and not external and not elsewhere


def _external(node: MapNode) -> bool:
    external = node.get("external")
    return external is not None and scalar(external) != "false"


RULE = Rule(
    code="SEA116",
    name="prod-storage-not-external",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="mark the volume external: true, and make it beforehand",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.PROD}),
)
