"""A service switches off what confines it: seccomp, AppArmor or SELinux.

## Why

These keep a container from system calls and files that no service needs and that breakouts are made
of. Without them one flaw in the kernel is enough.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    security_opt:
      - seccomp:unconfined
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    security_opt:
      - seccomp:./seccomp/api.json
```

## Mend

Remove the option; where a system call is really needed, allow it alone in a profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, words
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_OFF = re.compile(
    r"(?:(?P<what>seccomp|apparmor|systempaths)[:=]unconfined|label[:=]disable)", re.I
)


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        for item in words(service.node.get("security_opt")):
            if found := _OFF.fullmatch(item.text.strip()):
                what = found["what"] or "the SELinux label"
                yield Hit(Span(*item.span), f"{service.name} runs without {what}")


RULE = Rule(
    code="SEA313",
    name="unconfined",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="remove the option, or allow what is needed in a profile",
    of=ComposeDocument,
    check=once(_check),
)
