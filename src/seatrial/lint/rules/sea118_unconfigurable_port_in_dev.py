"""A development environment publishes a port that nobody can move.

## Why

A fixed port is what one wants for work, until it is taken: by a second worktree, another project,
or a database of the machine's own. With a variable, one line in `.env` moves it, and nobody edits
the file that all share.

## Example

```yaml
# file: deploy/dev/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "8000:8000"
```

## Better

```yaml
# file: deploy/dev/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "${API_PORT:-8000}:8000"
```

## Mend

Write `${<SERVICE>_PORT:-8000}` for the number and list the variable in `.env.example`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.layers import fix_of, with_key
from seatrial.lint.helpers.ports import PortEntry, port_entries
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service, ports, names in with_key(document, "ports"):
        entries = [entry for entry in port_entries(ports) if entry.host.isdecimal()]
        for entry in entries:
            if entry.published and "$" not in entry.target:
                name = variable(service, entry, alone=len(entries) == 1)
                yield Hit(
                    Span(*entry.node.span),
                    f"the host's port {entry.shown} of {names} cannot be moved",
                    f"write ${{{name}:-{entry.host}}} for the number",
                    _fix(document, service, ports, entry, name),
                )


def variable(service: ComposeService, entry: PortEntry, *, alone: bool) -> str:
    """Return the name of the variable for a port: ``API_PORT``, or ``API_PORT_8000`` of several."""
    name = re.sub(r"\W", "_", service.name.upper())
    return f"{name}_PORT" if alone else f"{name}_PORT_{entry.target}"


def _fix(
    document: ComposeDocument, service: ComposeService, ports: Node, entry: PortEntry, name: str
) -> Fix | None:
    # A variable that is already there means something else.
    taken = re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", document.text)
    if taken or name[0].isdecimal():
        return None
    path = ("services", service.name, "ports")
    return fix_of(document, ports, path, _edit(document.text, entry, name))


def _edit(text: str, entry: PortEntry, name: str) -> Edit | None:
    value = f"${{{name}:-{entry.host}}}"
    if isinstance(entry.node, MapNode):
        published = entry.node.get("published")
        if not isinstance(published, ScalarNode):
            return None
        return Edit(Span(*published.span), f'"{value}"')
    start = text.find(entry.node.text, *entry.node.span)
    if start < 0:
        return None
    if entry.node.plain:
        rest = entry.node.text[entry.begin + len(entry.host) :]
        whole = f'"{entry.node.text[: entry.begin]}{value}{rest}"'
        return Edit(Span(*entry.node.span), whole)
    begin = start + entry.begin
    return Edit(Span(begin, begin + len(entry.host)), value)


RULE = Rule(
    code="SEA118",
    name="unconfigurable-port-in-dev",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="write ${<SERVICE>_PORT:-<number>} for the number",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.DEV}),
)
