"""A health check asks `pg_isready` without a host, which is good before PostgreSQL can be used.

## Why

On its first start the image runs a temporary server to set the database up, then stops it and
starts the real one. The temporary one listens on the socket alone, and the socket is what
`pg_isready` asks without `-h`: the service is healthy, and a moment later it refuses connections.

## Example

```yaml
services:
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-U", "shop"]
```

## Better

```yaml
services:
  database:
    image: postgres:17
    healthcheck:
      test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "shop"]
```

## Mend

Add `-h 127.0.0.1`: over TCP only the real server answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.edits import is_block, line_start, newline
from seatrial.lint.helpers.commands import run_by
from seatrial.lint.helpers.environment import variables
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.mending import own
from seatrial.lint.helpers.once import once
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

_ASKS = re.compile(r"\bpg_isready\b(?![^|&;]*\s(?:-h|--host)\b)")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        check = service.node.get("healthcheck")
        test = check.get("test") if isinstance(check, MapNode) else None
        if test is None or not _is_postgres(service) or _listens_elsewhere(service):
            continue
        where = _asking(test)
        if where is not None:
            path = ("services", service.name, "healthcheck", "test")
            yield Hit(
                Span(*where.span),
                f"pg_isready asks the socket of {service.name}, where the temporary server of the"
                " first start answers",
                fix=_fix(document, path),
            )


def _is_postgres(service: ComposeService) -> bool:
    server = server_of(service)
    return service.get("build") is not None or (server is not None and server.kind == "postgres")


def _listens_elsewhere(service: ComposeService) -> bool:
    names = {variable.name for variable in variables(service.get("environment"))}
    return "PGHOST" in names or any("listen_addresses" in word for word in run_by(service))


def _asking(test: Node) -> ScalarNode | None:
    """Return the scalar that calls ``pg_isready`` without a host."""
    if isinstance(test, ScalarNode):
        return test if _ASKS.search(test.text) else None
    if not isinstance(test, ListNode):
        return None
    items = [item for item in test.items if isinstance(item, ScalarNode)]
    if [item.text for item in items[:2]] == ["CMD", "pg_isready"]:
        hosted = any(item.text.startswith(("-h", "--host")) for item in items[2:])
        return None if hosted else items[1]
    return next((item for item in items if item.text != "CMD" and _ASKS.search(item.text)), None)


def _fix(document: ComposeDocument, path: tuple[str, ...]) -> Fix | None:
    test = own(document, *path)
    where = _asking(test) if test is not None else None
    if test is None or where is None:
        return None
    text = document.text
    if isinstance(test, ListNode) and where.text == "pg_isready":
        return Fix((_more_items(text, test, where),), (path,))
    edits = tuple(
        Edit(Span(at, at), " -h 127.0.0.1")
        for found in _ASKS.finditer(text, *where.span)
        for at in [found.end()]
    )
    return Fix(edits, (path,)) if edits else None


def _more_items(text: str, test: ListNode, after: ScalarNode) -> Edit:
    at = after.span[1]
    if not is_block(text, test):
        return Edit(Span(at, at), ', "-h", "127.0.0.1"')
    begin = line_start(text, after.span[0])
    dash, ending = text[begin : after.span[0]], newline(text)
    return Edit(Span(at, at), f'{ending}{dash}"-h"{ending}{dash}"127.0.0.1"')


RULE = Rule(
    code="SEA211",
    name="postgres-ready-too-early",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="add -h 127.0.0.1",
    of=ComposeDocument,
    check=once(_check),
)
