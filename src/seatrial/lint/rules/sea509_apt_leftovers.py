r"""`apt-get install` works from a stale package list, or leaves its list in the image.

## Why

Without `update` in the same `RUN`, the list comes from a cached layer: weeks later the install
fails with 404, or brings old versions. A list that is left behind adds about 20 MB to every image.

## Example

```dockerfile
FROM debian:13-slim
RUN apt-get update
RUN apt-get install -y --no-install-recommends curl
```

## Better

```dockerfile
FROM debian:13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/*
```

## Mend

One `RUN`: update, install with `--no-install-recommends`, remove the list. A cache mount on
`/var/lib/apt` needs no removal, nor does a stage that only others copy from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument, Instruction
from seatrial.lint.helpers.dockerfiles import stages
from seatrial.lint.model import Category, Hit, Rule, Severity

_INSTALL = re.compile(r"\bapt(?:-get)?\s+(?:-\S+\s+)*install\b")
_UPDATE = re.compile(r"\bapt(?:-get)?\s+(?:-\S+\s+)*update\b|\bapt-file update\b")
_REMOVAL = re.compile(
    r"\brm\s[^&;]*/var/lib/apt\b|\brm\s[^&;]*/var/lib/\*|\bapt(?:-get)? dist-?clean\b"
)
_MOUNT = re.compile(r"--mount=\S*(?:/var/lib/apt|/var/cache/apt)")
# A script of the image's own may do both.
_OWN_SCRIPT = re.compile(r"\.sh\b|/install\b|\bsetup_\w+")


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    found = stages(document)
    shipped = set(found[-1].chain) if found else set()
    for stage in found:
        for line in stage.steps:
            missing = tuple(_missing(line, shipped=line in shipped))
            if missing:
                yield Hit(line.span, f"this apt-get install {' and '.join(missing)}")


def _missing(line: Instruction, *, shipped: bool) -> Iterator[str]:
    if line.word != "RUN" or not _INSTALL.search(line.value):
        return
    if _MOUNT.search(line.value):
        return
    if not _UPDATE.search(line.value) and not _OWN_SCRIPT.search(line.value):
        yield "has no update in the same RUN, so it may work from an old list"
    elif shipped and not _REMOVAL.search(line.value):
        yield "leaves the package list in the image"


RULE = Rule(
    code="SEA509",
    name="apt-leftovers",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="update, install --no-install-recommends and rm -rf /var/lib/apt/lists/* in one RUN",
    of=DockerfileDocument,
    check=_check,
)
