"""A health check cannot fail, whatever the service does.

## Why

The engine goes by the exit status alone. A test that ends in `|| true`, `; exit 0` or an `echo` is
always good: what depends on the service starts too early, and nobody learns that it hangs.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    healthcheck:
      test: curl -fsS http://127.0.0.1:8000/health || true
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    healthcheck:
      test: curl -fsS http://127.0.0.1:8000/health
```

## Mend

Let the status of the program that asks be the status of the test. A service without anything to
ask gets `healthcheck: {disable: true}`, which at least says so.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.probes import Probe, probe_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_GOOD = r"(?:true|/bin/true|:|exit 0|echo\b[^|&;>]*)"
_GOOD_END = re.compile(rf"(?:\|\||;|\n)\s*{_GOOD}\s*;?\s*$")
_GOOD_ALONE = re.compile(rf"\s*{_GOOD}\s*;?\s*$")
# Somewhere before its end such a script may have left with another status.
_LEAVES = re.compile(r"\bexit\s+(?!0\b)|\bset\s+-\w*e|\breturn\b|\bexec\b|\bkill\b")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        check = service.node.get("healthcheck")
        test = check.get("test") if isinstance(check, MapNode) else None
        probe = probe_of(test)
        if test is not None and probe is not None and _cannot_fail(probe):
            yield Hit(Span(*test.span), f"the health check of {service.name} cannot fail")


def _cannot_fail(probe: Probe) -> bool:
    if probe.shell:
        text = probe.shell
        ends_well = _GOOD_END.search(text) or _GOOD_ALONE.match(text)
        return ends_well is not None and _LEAVES.search(text) is None
    return bool(probe.words) and posixpath.basename(probe.words[0]) in ("true", "echo")


RULE = Rule(
    code="SEA202",
    name="health-check-cannot-fail",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="let the status of the program that asks be the status of the test",
    of=ComposeDocument,
    check=once(_check),
)
