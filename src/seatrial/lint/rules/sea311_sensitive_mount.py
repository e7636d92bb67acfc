"""A folder of the host that holds the host's own secrets or settings is mounted into a service.

## Why

Through `/`, `/etc` or `/root` a service reads the host's password hashes and keys, and where it may
write it makes itself root of the host. `~/.ssh` and `~/.aws` are whoever you are.

## Example

```yaml
services:
  backup:
    image: example/backup:2.0
    volumes:
      - /etc:/host/etc
```

## Better

```yaml
services:
  backup:
    image: example/backup:2.0
    volumes:
      - /etc/backup.conf:/etc/backup.conf:ro
```

## Mend

Mount the one file or folder that is needed, `:ro` where it is only read. Known watchers of the
host, such as node-exporter, may read what they are there to watch.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument, scalar
from seatrial.lint.helpers.mounts import MountEntry, mount_entries
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.watchers import watches_host
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_HOST = (
    *("/", "/etc", "/root", "/proc", "/sys", "/boot", "/dev", "/home", "/usr", "/lib", "/bin"),
    *("/sbin", "/var", "/var/run", "/run", "/var/lib/docker", "/etc/ssh", "/etc/shadow"),
    *("/etc/passwd", "/etc/sudoers", "/var/lib/kubelet"),
)
_OWN = re.compile(
    r"(?:~|\$HOME|\$\{HOME\})(?:/(?:\.ssh|\.aws|\.kube|\.docker|\.gnupg|\.config))?/?"
)


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        watches = watches_host(service)
        for mount in mount_entries(service.node.get("volumes")):
            if not _is_sensitive(mount) or (watches and mount.read_only):
                continue
            may = "reads" if mount.read_only else "may write to"
            yield Hit(Span(*mount.node.span), f"{service.name} {may} {_raw(mount)} of the host")


def _raw(mount: MountEntry) -> str:
    if isinstance(mount.node, ScalarNode):
        return mount.node.text.partition(":")[0]
    return scalar(mount.node.get("source")) or ""


def _is_sensitive(mount: MountEntry) -> bool:
    known = mount.source.startswith("/") and posixpath.normpath(mount.source) in _HOST
    return known or _OWN.fullmatch(_raw(mount)) is not None


RULE = Rule(
    code="SEA311",
    name="sensitive-mount",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="mount the one file or folder that is needed, :ro where it is only read",
    of=ComposeDocument,
    check=once(_check),
)
