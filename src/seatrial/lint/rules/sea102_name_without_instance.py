"""A name in a test environment is the same in every run: it lacks the instance.

## Why

Container, network and volume names are unique on an engine, and the project's name decides what
`down` removes. With a fixed one a second run takes over the first one's containers, or tears them
down. Whatever is named by hand needs `TEST_INSTANCE_ID` in its name; what is not named at all gets
a name of the project from Compose.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    container_name: shop-test-database
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    container_name: shop-test-database-${TEST_INSTANCE_ID:-local}
```

## Mend

Add `-${TEST_INSTANCE_ID:-local}` to the name, or remove the name. A name with any variable in it is
taken for good: the variable may be the instance by another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, scalar
from seatrial.lint.edits import line_start
from seatrial.lint.helpers.layers import fix_of
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span, Tier

_INSTANCE = "-${TEST_INSTANCE_ID:-local}"


def _check(document: ComposeDocument) -> Iterator[Hit]:
    yield from _named(document, document.root.get("name"), ("name",), "the project")
    for service in document.services.values():
        path = ("services", service.name, "container_name")
        node = service.node.get("container_name")
        yield from _named(document, node, path, f"the container of {service.name}")
    for kind in ("network", "volume"):
        for key, entry in document.section(f"{kind}s").items():
            if isinstance(entry, MapNode) and not _external(entry):
                path = (f"{kind}s", key, "name")
                yield from _named(document, entry.get("name"), path, f"the {kind} {key}")


def _named(
    document: ComposeDocument, node: object, path: tuple[str, ...], whose: str
) -> Iterator[Hit]:
    if isinstance(node, ScalarNode) and node.text and "$" not in node.text:
        what = f"{whose} is called {node.text} in every run"
        yield Hit(Span(*node.span), what, fix=_fix(document, node, path))


def _fix(document: ComposeDocument, node: ScalarNode, path: tuple[str, ...]) -> Fix | None:
    start = document.text.find(node.text, *node.span)
    if start < 0:
        return None
    edit = Edit(Span(start, start + len(node.text)), f"{node.text}{_INSTANCE}")
    begin = line_start(document.text, start)
    if node.plain and re.search(r"[{\[]", document.text[begin:start]):
        # A brace ends a plain text in flow style.
        edit = Edit(edit.span, f'"{edit.text}"')
    return fix_of(document, node, path, edit)


def _external(entry: MapNode) -> bool:
    return entry.get("external") is not None and scalar(entry.get("external")) != "false"


RULE = Rule(
    code="SEA102",
    name="name-without-instance",
    severity=Severity.ERROR,
    category=Category.PATTERN,
    mend="add -${TEST_INSTANCE_ID:-local} to the name, or remove the name",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.TEST}),
)
