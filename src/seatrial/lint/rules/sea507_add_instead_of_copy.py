"""`ADD` takes plain files of the build context, which is what `COPY` is for.

## Why

`ADD` also fetches URLs and unpacks archives. Where neither is meant, a file that happens to be an
archive is unpacked one day, and a reader has to ask which of the three it is.

## Example

```dockerfile
FROM python:3.13-slim
ADD requirements.txt ./
```

## Better

```dockerfile
FROM python:3.13-slim
COPY requirements.txt ./
```

## Mend

Write `COPY`. Archives that are to be unpacked, and URLs, keep `ADD`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.lint.helpers.dockerfiles import copied
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span
from seatrial.runtimes.process.dockerfile.words import options

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*://|git@", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:tar|t?gz|tgz|xz|txz|bz2|tbz2?|zst|zip|deb|rpm|rootfs)\b|[$*?\[]", re.I)
_PLAIN = re.compile(
    r"(?:.*/)?(?:[\w.-]*\.(?:txt|py|js|mjs|ts|json|toml|lock|ya?ml|cfg|conf|ini|sh|md|html|css|sql"
    r"|xml|properties|go|mod|sum|rb|php|env)|\.)/?"
)
_COMMON = frozenset(("chown", "chmod", "link", "exclude"))


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    for line in document.instructions:
        if line.word != "ADD":
            continue
        sources = copied(line)
        if not sources or any(_ELSEWHERE.match(path) or _ARCHIVE.search(path) for path in sources):
            continue
        yield Hit(line.span, f"ADD takes {', '.join(sources)} as COPY would", fix=_fix(line))


def _fix(line: Instruction) -> Fix | None:
    if not options(line.value)[0].keys() <= _COMMON:
        return None
    if not all(_PLAIN.fullmatch(path) for path in copied(line)):
        return None
    edit = Edit(Span(line.span.start, line.span.start + len("ADD")), "COPY")
    return Fix((edit,), (("ADD",), ("COPY",)))


RULE = Rule(
    code="SEA507",
    name="add-instead-of-copy",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="write COPY",
    of=DockerfileDocument,
    check=_check,
)
