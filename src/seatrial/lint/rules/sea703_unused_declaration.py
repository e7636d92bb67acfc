"""A volume, network, secret or config is declared, and no service uses it.

## Why

Nothing comes of it, and whoever reads the file looks for what needs it. It is what a service leaves
behind that was removed by hand.

## Example

```yaml
services:
  api:
    image: example/api:1.4

volumes:
  postgres-data:
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
```

## Mend

Remove the entry. A volume of that name that already exists is not touched by that: `docker volume
rm` removes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.edits import remove_entry
from seatrial.lint.helpers.declarations import SECTIONS, used
from seatrial.lint.helpers.layers import fix_of, listed, whole
from seatrial.lint.model import Category, Fix, Hit, Rule, Severity, Span

_ALWAYS = ("default",)  # the network that services without a word on networks share


def _check(document: ComposeDocument) -> Iterator[Hit]:
    if not whole(document) or not document.services:
        return
    for section in SECTIONS:
        names, node = used(document, section), document.root.get(section)
        if not isinstance(node, MapNode) or "" in names:
            continue
        unused = [n for n in node.items if n not in names and n not in _ALWAYS]
        if len(unused) == len(node.items) and unused:
            span = Span(*document.root.keys[section].span)
            if len(unused) == 1:
                span = document.section_key(section, unused[0])
            yield _hit(document, section, unused, span, document.root, section)
            continue
        for name in unused:
            span = document.section_key(section, name)
            yield _hit(document, section, [name], span, node, name)


def _hit(
    document: ComposeDocument,
    section: str,
    names: list[str],
    span: Span,
    holder: MapNode,
    key: str,
) -> Hit:
    """Return the hit for ``names``; to mend it ``key`` goes from ``holder``."""
    kind = section if len(names) > 1 else section.removesuffix("s")
    verb = "are" if len(names) > 1 else "is"
    edit = remove_entry(document.text, holder, key)
    path = (section,) if holder is document.root else (section, key)
    fix: Fix | None = fix_of(document, holder.items[key], path, edit)
    return Hit(span, f"{kind} {listed(names)} {verb} used by no service", fix=fix)


RULE = Rule(
    code="SEA703",
    name="unused-declaration",
    severity=Severity.WARNING,
    category=Category.REPOSITORY,
    mend="remove the entry",
    of=ComposeDocument,
    check=_check,
)
