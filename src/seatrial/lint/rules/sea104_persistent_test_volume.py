"""A database or broker of a test environment keeps its data on a disk, from run to run.

## Why

Rows of the last run are there when the next one begins, so tests pass or fail by what ran before.
And a disk is slow: a database in memory starts and commits in a fraction of the time.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    volumes:
      - data:/var/lib/postgresql/data

volumes:
  data:
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    tmpfs:
      - /var/lib/postgresql/data
```

## Mend

Put the data folder into `tmpfs` and drop the volume. Where the data is wanted, as a snapshot that
tests read, mount it read-only under another path and restore it from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from seatrial.composefile.tree import ListNode, MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, scalar
from seatrial.lint.edits import is_block
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.layers import fix_of, nodes, trees
from seatrial.lint.helpers.mounts import MountEntry, mount_entries
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        server = server_of(service)
        for entry in mount_entries(service.node.get("volumes")) if server else ():
            folder = _folder(entry, server.data) if server else ""
            if folder and _stays(document, entry):
                yield Hit(
                    Span(*entry.node.span),
                    f"{service.name} keeps its data in {entry.source} from run to run",
                    fix=_fix(document, service, entry, folder),
                )


def _folder(entry: MountEntry, data: tuple[str, ...]) -> str:
    """Return the data folder over which, above which or in which something is mounted.

    A single file in it is no data: a configuration, or a dump to start from.
    """
    place = PurePosixPath(entry.target)
    for folder in data:
        if place == PurePosixPath(folder) or PurePosixPath(folder).is_relative_to(place):
            return folder
        if place.is_relative_to(folder) and not place.suffix and not entry.read_only:
            return folder
    return ""


def _stays(document: ComposeDocument, entry: MountEntry) -> bool:
    if entry.kind == "bind":
        return not entry.source.startswith(("/dev/shm", "/run/"))
    if entry.kind != "volume" or not entry.source:
        return False
    # A volume may itself lie in memory: driver_opts {type: tmpfs}.
    for tree in trees(document):
        section = tree.get("volumes")
        found = section.get(entry.source) if isinstance(section, MapNode) else None
        options = found.get("driver_opts") if isinstance(found, MapNode) else None
        if isinstance(options, MapNode) and scalar(options.get("type")) == "tmpfs":
            return False
    return True


def _fix(
    document: ComposeDocument, service: ComposeService, entry: MountEntry, folder: str
) -> Fix | None:
    """Return a fix where the mount is the service's only one: `volumes` then becomes `tmpfs`."""
    volumes, key = service.node.get("volumes"), service.node.keys["volumes"]
    kept = any(layer.get("tmpfs") is not None for layer in nodes(service)) or document.layers
    if kept or not isinstance(volumes, ListNode) or len(volumes.items) > 1:
        return None
    if not isinstance(entry.node, ScalarNode):
        return None
    inside = volumes.span[0] <= entry.node.span[0] < volumes.span[1]
    # An alias stands elsewhere, and a list of another file's key would be torn from it.
    if not inside or not key.span[1] <= volumes.span[0] or not is_block(document.text, volumes):
        return None
    fix = fix_of(
        document,
        volumes,
        ("services", service.name, "volumes"),
        Edit(Span(*key.span), "tmpfs"),
        Edit(Span(*entry.node.span), folder),
    )
    return fix and Fix(fix.edits, tuple(w for p in fix.changes for w in (p, (*p[:-1], "tmpfs"))))


RULE = Rule(
    code="SEA104",
    name="persistent-test-volume",
    severity=Severity.ERROR,
    category=Category.PATTERN,
    mend="put the folder into tmpfs and drop the volume",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.TEST}),
)
