"""A Dockerfile copies its whole build context, and no `.dockerignore` leaves anything out.

## Why

`.git`, `node_modules`, `.env` files with secrets and results of tests go into the image; and as
some of them change all the time, the layer is built anew each time.

## Example

```dockerfile
FROM node:24-slim
COPY . .
```

## Better

```dockerfile
FROM node:24-slim
COPY package.json package-lock.json ./
COPY src/ ./src/
```

## Mend

Write a `.dockerignore` at the root of the build context (or `<name>.dockerignore` beside the
Dockerfile), or copy just what is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import DockerfileDocument
from seatrial.lint.helpers.dockerfiles import copies_all
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: DockerfileDocument) -> Iterator[Hit]:
    if _ignores(document):
        return
    for line in document.instructions:
        if copies_all(line):
            yield Hit(line.span, "everything in the build context goes into the image")
            return


def _ignores(document: DockerfileDocument) -> bool:
    """Return whether any folder that may be the context has a ``.dockerignore``."""
    folders = (parent.as_posix() for parent in document.path.parents)
    names = {".dockerignore" if at == "." else f"{at}/.dockerignore" for at in folders}
    names.add(f"{document.path.as_posix()}.dockerignore")
    return bool(names & document.repository.paths)


RULE = Rule(
    code="SEA511",
    name="whole-context-copied",
    severity=Severity.WARNING,
    category=Category.DOCKERFILE,
    mend="write a .dockerignore, or copy just what is needed",
    of=DockerfileDocument,
    check=_check,
)
