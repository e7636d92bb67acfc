"""A service of a development or test environment is restarted when it ends.

## Why

A service that crashes at its start is restarted over and over: a test sees a timeout in the place
of the error, and what is left over after a reboot comes up again by itself. Where somebody watches,
a crash should stay a crash.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
    restart: unless-stopped
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
```

## Mend

Remove `restart`; `deploy/prod` is where it belongs. A service that fails because another one is
not ready yet needs `depends_on` with `condition: service_healthy`.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.edits import remove_entry
from seatrial.lint.helpers.layers import fix_of, with_key
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Fix, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service, restart, names in with_key(document, "restart"):
        value = value_of(restart)
        if value not in ("", "no", "false"):
            yield Hit(
                Span(*restart.span),
                f"{names} is restarted ({value}) when it ends",
                fix=_fix(document, service, restart),
            )


def _fix(document: ComposeDocument, service: ComposeService, restart: Node) -> Fix | None:
    """Return the removal, where the key is written for one service or in one shared mapping."""
    holder = _holder(document.root, restart)
    if holder is None or document.base or document.layers:
        return None
    edit = remove_entry(document.text, holder, "restart")
    return fix_of(document, restart, ("services", service.name, "restart"), edit)


def _holder(tree: Node, restart: Node) -> MapNode | None:
    """Return the mapping in which the entry is written, not one that merges it."""
    if not isinstance(tree, MapNode):
        return None
    if tree.items.get("restart") is restart and tree.span[0] <= restart.span[0] < tree.span[1]:
        return tree
    found = (_holder(value, restart) for value in tree.items.values())
    return next((holder for holder in found if holder is not None), None)


RULE = Rule(
    code="SEA109",
    name="restart-in-dev-or-test",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="remove restart",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.DEV, Tier.TEST}),
)
