"""A service of a test environment publishes a fixed port of the host.

## Why

A fixed port belongs to whoever comes first: a second run, another branch, another worktree or the
development environment on the same machine fails with `port is already allocated`. Where only the
container's port is given, the engine picks a free one, and tests are told which.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000"
```

## Mend

Give the container's port alone, and take the address from `TEST_<SERVICE>_URL`, or from
`docker compose port api 8000` without seatrial. Where the number is a variable's default, the
variable may be set elsewhere: then nothing is changed without you.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.edits import remove_entry
from seatrial.lint.helpers.layers import fix_of, with_key
from seatrial.lint.helpers.ports import PortEntry, port_entries
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service, ports, names in with_key(document, "ports"):
        for entry in port_entries(ports):
            if entry.fixed:
                yield Hit(
                    Span(*entry.node.span),
                    f"{names} takes the host's port {entry.shown}, "
                    "so two runs cannot go on at once",
                    fix=_fix(document, service.name, ports, entry),
                )


def _fix(document: ComposeDocument, name: str, ports: Node, entry: PortEntry) -> Fix | None:
    if "$" in entry.host:
        return None
    return fix_of(document, ports, ("services", name, "ports"), _edit(document.text, entry))


def _edit(text: str, entry: PortEntry) -> Edit | None:
    if isinstance(entry.node, MapNode):
        return remove_entry(text, entry.node, "published")
    start = text.find(entry.node.text, *entry.node.span)
    if start < 0:
        return None
    begin = start + entry.begin
    # With an address in front its colon stays: `127.0.0.1::8000`.
    end = begin + len(entry.host) + (0 if entry.ip else 1)
    return Edit(Span(begin, end), "")


RULE = Rule(
    code="SEA101",
    name="fixed-port-in-test",
    severity=Severity.ERROR,
    category=Category.PATTERN,
    mend="give the container's port alone and let the engine choose the host's",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.TEST}),
)
