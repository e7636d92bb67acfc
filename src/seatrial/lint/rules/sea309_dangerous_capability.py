"""A service is given a capability that is as good as root on the host.

## Why

With `SYS_ADMIN` one mounts the host's disks, with `SYS_MODULE` one loads code into its kernel, with
`SYS_PTRACE` and `pid: host` one takes over the host's processes, with `NET_ADMIN` and
`network_mode: host` its networks; `ALL` is all of it.

## Example

```yaml
services:
  agent:
    image: example/agent:1.4
    cap_add:
      - SYS_ADMIN
```

## Better

```yaml
services:
  agent:
    image: example/agent:1.4
    cap_add:
      - PERFMON
```

## Mend

Find out what exactly fails without it; often a device, a mount or a smaller capability is enough.
Where it is the service's work, say so beside a suppression.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, words
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_MEANS = {
    "ALL": "everything",
    "SYS_ADMIN": "mount the host's disks",
    "SYS_MODULE": "load kernel modules",
    "SYS_RAWIO": "write to the host's memory and disks",
    "SYS_PTRACE": "take over other processes",
    "SYS_BOOT": "boot the host",
    "DAC_READ_SEARCH": "read every file of the host",
    "NET_ADMIN": "alter networks and firewalls",
    "BPF": "put programs into the kernel",
}
# These reach no further than the namespace that the service lives in.
_ONLY_WITH = {"NET_ADMIN": "network_mode", "SYS_PTRACE": "pid"}


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        for item in words(service.node.get("cap_add")):
            name = item.text.upper().removeprefix("CAP_")
            key = _ONLY_WITH.get(name)
            if name in _MEANS and (key is None or value_of(service.get(key)) == "host"):
                what = f"{service.name} may do this with {name}: {_MEANS[name]}"
                yield Hit(Span(*item.span), what)


RULE = Rule(
    code="SEA309",
    name="dangerous-capability",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="give a smaller capability, a device or a mount in its place",
    of=ComposeDocument,
    check=once(_check),
)
