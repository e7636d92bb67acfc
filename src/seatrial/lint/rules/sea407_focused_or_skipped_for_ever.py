"""A test is left out for ever: by `.only` on another one, or by a skip that gives no reason.

## Why

`.only` is a help while working. Committed, it silences all other tests of the file, and the run is
green. A skip without a reason is forgotten: nobody knows what would have to happen for it to go.

## Example

```typescript
// file: services/web/tests/unit/cart.test.ts
import { expect, it } from "vitest";

it.only("adds up", () => {
  expect(1 + 1).toBe(2);
});
```

## Better

```typescript
// file: services/web/tests/unit/cart.test.ts
import { expect, it } from "vitest";

it("adds up", () => {
  expect(1 + 1).toBe(2);
});
```

## Mend

Take `.only` away, as the fix does; give every skip its reason
(`@pytest.mark.skip(reason="…")`), or remove the test.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from seatrial.lint.documents import TestDocument
from seatrial.lint.helpers.javascript import code
from seatrial.lint.helpers.pythontests import calls
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

_ONLY = re.compile(
    r"(?<![\w.$])(?:it|test|describe|context|suite|specify|bench)(?:\.(?!only\b)\w+)*(?P<only>\.only)\b"
    r"(?=\s*[(.`<])"
)
_FOCUSED = re.compile(r"(?<![\w.$])(?:fit|fdescribe)(?=\s*\()")
_SKIPS = ("pytest.mark.skip", "mark.skip", "pytest.skip")


def _check(document: TestDocument) -> Iterator[Hit]:
    if document.tree is None:
        yield from _javascript(document)
        return
    marked = {
        id(mark): mark
        for node in ast.walk(document.tree)
        for mark in getattr(node, "decorator_list", ())
    }
    for mark in marked.values():
        bare = not isinstance(mark, ast.Call) and ast.unparse(mark) in _SKIPS
        if bare and not _remarked(document, mark):
            yield Hit(document.span(mark), "this test is skipped, and nobody says why")
    for call in calls(document.tree):
        if ast.unparse(call.func) in _SKIPS and not call.args and not call.keywords:
            yield Hit(document.span(call), "this test is skipped, and nobody says why")


def _remarked(document: TestDocument, node: ast.AST) -> bool:
    """Return whether a comment stands behind ``node``."""
    end = document.span(node).end
    return "#" in document.text[end:].partition("\n")[0]


def _javascript(document: TestDocument) -> Iterator[Hit]:
    masked = code(document.text)
    for found in _ONLY.finditer(masked):
        edit = Edit(Span(*found.span("only")), "")
        span = Span(found.start(), found.end())
        yield Hit(span, "all other tests of this file are left out", fix=Fix((edit,), (("only",),)))
    for found in _FOCUSED.finditer(masked):
        yield Hit(Span(found.start(), found.end()), "all other tests of this file are left out")


RULE = Rule(
    code="SEA407",
    name="focused-or-skipped-for-ever",
    severity=Severity.WARNING,
    category=Category.TESTS,
    mend="take .only away; give a skip its reason",
    of=TestDocument,
    check=_check,
)
