"""A file or folder of the repository is mounted that is not there.

## Why

In the short form Docker makes an empty folder in its place, owned by root: a server then finds a
folder where its configuration should be, or no code to serve. The long form refuses to start.

## Example

```yaml
services:
  web:
    image: nginx:1.27
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
```

## Better

```yaml
services:
  web:
    image: nginx:1.27
```

## Mend

Mend the path, which is relative to the compose file, or remove the mount. A folder that Docker is
to make for data, and a file that `.gitignore` names, are left in peace.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, scalar
from seatrial.lint.helpers.layers import with_key
from seatrial.lint.helpers.mounts import MountEntry, mount_entries
from seatrial.lint.helpers.places import ignored, lacks, resolved
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_SOCKETS = (".sock", ".pid")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    repository = document.repository
    for _, volumes, names in with_key(document, "volumes"):
        for entry in mount_entries(volumes):
            if entry.kind != "bind" or not _wanted(entry):
                continue
            paths = resolved(document, _source(entry))
            if lacks(repository, paths) and not any(ignored(repository, p) for p in paths):
                what = f"{names} mounts {paths[0]}, which is not there"
                yield Hit(Span(*entry.node.span), what)


def _source(entry: MountEntry) -> str:
    """Return the source as the file has it: a variable without a default leaves it open."""
    if isinstance(entry.node, ScalarNode):
        return entry.source if "$" not in entry.node.text else entry.node.text.split(":/")[0]
    return scalar(entry.node.get("source")) or ""


def _wanted(entry: MountEntry) -> bool:
    """Return whether the source must be there, not a folder that Docker makes for data."""
    name = entry.source.rpartition("/")[2]
    if name.endswith(_SOCKETS):
        return False
    if isinstance(entry.node, MapNode):
        bind = entry.node.get("bind")
        made = scalar(bind.get("create_host_path")) if isinstance(bind, MapNode) else None
        if made is None or made == "false":
            return True
    extension = posixpath.splitext(name)[1]
    is_file = bool(extension) and posixpath.splitext(entry.target)[1] == extension
    return is_file or entry.read_only or "services" in entry.source.split("/")


RULE = Rule(
    code="SEA711",
    name="missing-mount-source",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="mend the path, or remove the mount",
    of=ComposeDocument,
    check=_check,
)
