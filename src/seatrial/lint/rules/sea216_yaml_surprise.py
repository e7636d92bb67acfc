"""A value without quotes is not what it looks like to a reader of YAML.

## Why

A plain `0755` is the number 493, `1.10` is 1.1, and the container gets that. `yes`, `no`, `on` and
`off` are truth values and `22:22` is the number 1342 to readers of YAML 1.1, such as Ansible and
podman-compose, and words to Compose: the same file means two things.

## Example

```yaml
services:
  api:
    image: example/api:1.4
    environment:
      UMASK: 0027
      PYTHON_VERSION: 3.10
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
    environment:
      UMASK: "0027"
      PYTHON_VERSION: "3.10"
```

## Mend

Put the value in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.scalars import Timestamp, go_text
from seatrial.composefile.tree import ListNode, MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.environment import Variable
from seatrial.lint.helpers.mending import quoted
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.secrets import names_secret
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

_WORDS = frozenset(("yes", "no", "on", "off"))
# Sixty to the base: what YAML 1.1 takes for hours and minutes.
_SIXTIES = re.compile(r"[1-9]\d*(?::[0-5]?\d)+")
_TEXTS = (("environment",), ("labels",), ("build", "args"), ("build", "labels"))


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        for path, node in _scalars(service):
            means = _surprise(node, is_port=path[0] == "ports")
            if means and names_secret(Variable(path[-1], node.text, Span(*node.span))):
                means = "something else"
            if means:
                full = ("services", service.name, *path)
                changes = full[:3] if path[0] == "ports" else full
                what = f"{_named(path, node)} of {service.name} without quotes is {means}"
                yield Hit(Span(*node.span), what, fix=quoted(document, full, changes))


def _scalars(service: ComposeService) -> Iterator[tuple[tuple[str, ...], ScalarNode]]:
    for keys in _TEXTS:
        node: Node | None = service.node
        for key in keys:
            node = node.get(key) if isinstance(node, MapNode) else None
        for name, value in node.items.items() if isinstance(node, MapNode) else ():
            if isinstance(value, ScalarNode):
                yield (*keys, name), value
    ports = service.node.get("ports")
    for index, item in enumerate(ports.items if isinstance(ports, ListNode) else ()):
        if isinstance(item, ScalarNode):
            yield ("ports", str(index)), item


def _named(path: tuple[str, ...], node: ScalarNode) -> str:
    return node.text if path[0] == "ports" else path[-1]


def _surprise(node: ScalarNode, *, is_port: bool) -> str:
    """Return what a plain scalar is to some reader; empty where all agree."""
    if not node.plain or node.tag or node.value is None:
        return ""
    if _SIXTIES.fullmatch(node.text):
        return "one number to readers of YAML 1.1"
    if is_port:
        return ""
    if node.text.lower() in _WORDS:
        return "a truth value to readers of YAML 1.1"
    if isinstance(node.value, Timestamp):
        return "a date, which Compose refuses"
    seen = go_text(node.value)
    return "" if isinstance(node.value, str) or seen == node.text else f"{seen} to Compose"


RULE = Rule(
    code="SEA216",
    name="yaml-surprise",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="put the value in quotes",
    of=ComposeDocument,
    check=once(_check),
)
