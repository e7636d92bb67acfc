"""A Makefile or script names a service that is not there.

## Why

The target that goes over all services fails at the one that is gone, or passes over it in silence
and tests less than it says. It is what a service leaves behind that was removed by hand.

## Example

```sh
# file: scripts/test-all.sh
services="api billing"
for service in $services; do make -C "services/$service" test; done
```

```toml
# file: services/api/pyproject.toml
[project]
name = "api"
```

## Better

```sh
# file: scripts/test-all.sh
services="api"
for service in $services; do make -C "services/$service" test; done
```

```toml
# file: services/api/pyproject.toml
[project]
name = "api"
```

## Mend

Remove the name. A word of `SERVICES` may be a folder of `services/`, or a service of any
compose file where the list is not put behind `services/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import MakefileDocument
from seatrial.lint.helpers.recipes import Line, lines
from seatrial.lint.helpers.services import missing_folders, names
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span

_LIST = re.compile(
    r"(?:export\s+|readonly\s+)*(?:SERVICES|services)\s*[:?+]?=\s*[\"'(]?(?P<words>.*)"
)
_FOLDERS = re.compile(r"services/[\"']?(?:\$|%)")
_WORD = re.compile(r"[^\s\"'()]+")


def _check(document: MakefileDocument) -> Iterator[Hit]:
    repository = document.repository
    known = _known(document)
    for line in lines(document):
        code = re.split(r"\s#", line.text)[0]
        if known:
            yield from _listed(document, line, code, known)
        for path, start, end in missing_folders(repository, code):
            span = Span(line.start + start, line.start + end)
            yield Hit(span, f"{path} is named here and is not there")


def _known(document: MakefileDocument) -> frozenset[str]:
    """Return what ``SERVICES`` may list; nothing where the repository has no service."""
    services = frozenset(service.name for service in document.repository.services)
    # Where the list is put behind `services/`, folders are meant and nothing else.
    return (
        services if _FOLDERS.search(document.text) or not services else names(document.repository)
    )


def _listed(
    document: MakefileDocument, line: Line, code: str, known: frozenset[str]
) -> Iterator[Hit]:
    match = _LIST.match(code)
    if match is None or "$" in match["words"] or "*" in match["words"]:
        return
    for word in _WORD.finditer(code, match.start("words")):
        name = word[0].removeprefix("services/")
        if name in known or "/" in name or not re.fullmatch(r"[\w.-]+", name):
            continue
        start, end = line.start + word.start(), line.start + word.end()
        # The blank before it goes with it; the first one of a list takes the one behind.
        before = document.text[start - 1 : start] == " " and word.start() > match.start("words")
        edit = Edit(Span(start - 1 if before else start, end), "")
        fix = Fix((edit,), (("SERVICES",),))
        yield Hit(Span(start, end), f"{name} is listed as a service and is none", fix=fix)


RULE = Rule(
    code="SEA704",
    name="makefile-names-missing-service",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="remove the name",
    of=MakefileDocument,
    check=_check,
)
