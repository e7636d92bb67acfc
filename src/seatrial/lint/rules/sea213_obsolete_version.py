"""A compose file has the key `version`, which Compose ignores and warns of.

## Why

Since Compose 2 the schema is one for all files, and the key only brings a line of warning into
every command's output. Readers take it for a choice of features, which it is not.

## Example

```yaml
version: "3.8"
services:
  api:
    image: example/api:1.4
```

## Better

```yaml
services:
  api:
    image: example/api:1.4
```

## Mend

Remove the line.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.edits import remove_entry
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    key = document.root.keys.get("version")
    if key is None or "services" not in document.root.items:
        return
    edit = remove_entry(document.text, document.root, "version")
    fix = Fix((_with_blank(document.text, edit),), (("version",),)) if edit else None
    yield Hit(Span(*key.span), "version: does nothing", fix=fix)


def _with_blank(text: str, edit: Edit) -> Edit:
    """Return ``edit`` with the blank line behind it, where the file would begin with that."""
    end = edit.span.end
    if edit.span.start > 0:
        return edit
    while text[end : end + 1] == "\n" or text[end : end + 2] == "\r\n":
        end += 1 if text[end] == "\n" else 2
    return Edit(Span(0, end), "")


RULE = Rule(
    code="SEA213",
    name="obsolete-version",
    severity=Severity.NOTE,
    category=Category.RUNTIME,
    mend="remove the line",
    of=ComposeDocument,
    check=_check,
)
