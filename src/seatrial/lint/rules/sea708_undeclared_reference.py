"""A service uses a volume, network, secret or config that no file declares.

## Why

Compose refuses the whole project: nothing starts, not even what is whole.

## Example

```yaml
services:
  database:
    image: postgres:17
    volumes:
      - postgres-data:/var/lib/postgresql/data
```

## Better

```yaml
services:
  database:
    image: postgres:17
    volumes:
      - postgres-data:/var/lib/postgresql/data

volumes:
  postgres-data:
```

## Mend

Declare it at the top level. Where a folder was meant, it begins with `./`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.declarations import SECTIONS, Use, declared, uses
from seatrial.lint.helpers.layers import whole
from seatrial.lint.helpers.services import composes
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: ComposeDocument) -> Iterator[Hit]:
    if not whole(document):
        return
    known = {section: {*declared(document, section), "", "default"} for section in SECTIONS}
    seen = set()
    for service in document.services.values():
        for use in uses(service.node):
            if use.name in known[use.section] or use.span in seen:
                continue
            if document.tier is None and _elsewhere(document, use):
                continue
            seen.add(use.span)
            near = get_close_matches(use.name, known[use.section] - {"", "default"}, 1, 0.7)
            kind = use.section.removesuffix("s")
            what = f"{service.name} uses the {kind} {use.name}, which is not declared"
            yield Hit(use.span, what, f"did you mean {near[0]}?" if near else "")


def _elsewhere(document: ComposeDocument, use: Use) -> bool:
    """Return whether a file outside of the pattern may be read with one that declares it."""
    files = composes(document.repository)
    return any(use.name in declared(other, use.section) for other in files)


RULE = Rule(
    code="SEA708",
    name="undeclared-reference",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="declare it at the top level",
    of=ComposeDocument,
    check=_check,
)
