"""An image has the tag `latest`, or none, which means the same.

## Why

What runs is decided by the day on which somebody pulled: two machines run two versions, a test that
was good yesterday fails today, and a rollback has nothing to go back to.

## Example

```yaml
services:
  database:
    image: postgres
```

## Better

```yaml
services:
  database:
    image: postgres:17
```

## Mend

Name a version, as exact as you want updates to be decided by you; a digest (`@sha256:…`) is the
most exact. Images that the file builds itself are none of this rule's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.layers import all_services
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.variables import references, value_of, with_defaults
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    built = _built(document)
    for service in document.services.values():
        node = service.node.get("image")
        if not isinstance(node, ScalarNode) or _is_local(service):
            continue
        image = with_defaults(node.text)
        if _floats(node.text, image) and image.removesuffix(":latest") not in built:
            yield Hit(Span(*node.span), f"{service.name} runs whatever {image} is at the moment")


def _floats(raw: str, image: str) -> bool:
    if not image or "@" in image:
        return False
    if any(not reference.optional for reference in references(raw)):
        return False
    name = image.rpartition("/")[2]
    return name.endswith(":latest") or ":" not in name


def _is_local(service: ComposeService) -> bool:
    policy = value_of(service.get("pull_policy"))
    return service.get("build") is not None or policy in ("build", "never")


def _built(document: ComposeDocument) -> frozenset[str]:
    """Return the images that services of this environment are built as."""
    layers = all_services(document).values()
    names = [
        next((value_of(node.get("image")) for node in reversed(nodes) if node.get("image")), "")
        for nodes in layers
        if any(node.get("build") is not None for node in nodes)
    ]
    return frozenset(name.removesuffix(":latest") for name in names if name)


RULE = Rule(
    code="SEA207",
    name="floating-tag",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="name a version",
    of=ComposeDocument,
    check=once(_check),
)
