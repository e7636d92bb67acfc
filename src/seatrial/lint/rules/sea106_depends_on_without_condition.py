"""A service waits only for the start of another one that has a health check.

## Why

The short form of `depends_on`, and `condition: service_started`, wait until the container runs. The
server in it needs longer, and the health check that would tell is not listened to.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      - database

  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    depends_on:
      database:
        condition: service_healthy

  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1"]
```

## Mend

Write `condition: service_healthy`, or `service_completed_successfully` for a service that runs to
its end. A list is rewritten whole; `service_started` that somebody wrote is left to you.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from seatrial.composefile.tree import ListNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.edits import is_block, line_start, newline
from seatrial.lint.helpers.dependencies import COMPLETED, HEALTHY, STARTED, depends_on, one_shots
from seatrial.lint.helpers.healthchecks import Checked, checked
from seatrial.lint.helpers.layers import fix_of, listed, with_key
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    better = _conditions(document)
    for service, value, names in with_key(document, "depends_on"):
        waits = "wait" if " and " in names else "waits"
        found = [
            need
            for need in depends_on(service.node)
            if need.condition == STARTED and better.get(need.service, STARTED) != STARTED
        ]
        if isinstance(value, ListNode) and found:
            # One finding for the whole list, for it is rewritten as a whole.
            what = listed([need.service for need in found])
            fix = _fix(document, service, value, better)
            yield Hit(found[0].span, f"{names} {waits} only for the start of {what}", fix=fix)
            continue
        for need in found:
            what = f"{names} {waits} only for the start of {need.service}"
            yield Hit(need.span, what, f"write condition: {better[need.service]}")


def _conditions(document: ComposeDocument) -> Mapping[str, str]:
    """Return what to wait for, where that is certain, for each service whose start is awaited."""
    services = document.services
    needed = (need for service in services.values() for need in depends_on(service.node))
    started = {need.service for need in needed if need.condition == STARTED}
    if not started:
        return {}
    healthy = (
        name
        for name in started & services.keys()
        if checked(document, services[name]) is Checked.YES
    )
    return dict.fromkeys(healthy, HEALTHY) | dict.fromkeys(one_shots(document), COMPLETED)


def _fix(
    document: ComposeDocument, service: ComposeService, value: ListNode, better: Mapping[str, str]
) -> Fix | None:
    if value.tag:
        return None
    items = [item for item in value.items if isinstance(item, ScalarNode)]
    text, key = document.text, service.node.keys["depends_on"]
    if len(items) < len(value.items) or value.span[0] < key.span[1]:
        return None
    write = _block if is_block(text, value) else _flow
    indent = key.span[0] - line_start(text, key.span[0])
    edits = write(text, value, items, better, indent)
    return fix_of(document, value, ("services", service.name, "depends_on"), *edits)


def _flow(
    _text: str, value: ListNode, items: list[ScalarNode], better: Mapping[str, str], _indent: int
) -> list[Edit | None]:
    start, end = value.span
    edits: list[Edit | None] = [Edit(Span(start, start + 1), "{")]
    for item in items:
        condition = better.get(item.text, STARTED)
        at = item.span[1]
        edits.append(Edit(Span(at, at), f": {{condition: {condition}}}"))
    return [*edits, Edit(Span(end - 1, end), "}")]


def _block(
    text: str, _value: ListNode, items: list[ScalarNode], better: Mapping[str, str], indent: int
) -> list[Edit | None]:
    edits: list[Edit | None] = []
    for item in items:
        start, end = item.span
        begin = line_start(text, start)
        lead = text[begin:start]
        # A dash may stand right below its key; an entry of a mapping may not.
        column = max(lead.find("-"), indent + 2)
        if lead.strip() != "-":
            return [None]
        found = text.find("\n", end)
        stop = len(text) if found < 0 else found - (text[found - 1] == "\r")
        condition = better.get(item.text, STARTED)
        below = f"{newline(text)}{' ' * (column + 2)}condition: {condition}"
        edits.append(Edit(Span(begin, start), " " * column))
        edits.append(Edit(Span(end, stop), f":{text[end:stop]}{below}"))
    return edits


RULE = Rule(
    code="SEA106",
    name="depends-on-without-condition",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="write condition: service_healthy",
    of=ComposeDocument,
    check=_check,
)
