"""An image takes whole folders of its build context, and no `.dockerignore` keeps anything out.

## Why

`.git`, `.env`, `node_modules`, `.venv` and last week's coverage go into the image with the source:
it gets big, may hold secrets, and every change of any of them builds it again.

## Example

```yaml
# file: compose.yml
services:
  api:
    build: api
```

```dockerfile
# file: api/Dockerfile
FROM python:3.13-slim
COPY . /app
```

## Better

```yaml
# file: compose.yml
services:
  api:
    build: api
```

```dockerfile
# file: api/Dockerfile
FROM python:3.13-slim
COPY . /app
```

```sh
# file: api/.dockerignore
.git
.env
.venv
**/__pycache__
```

## Mend

Write a `.dockerignore` beside the context's root, or `Dockerfile.dockerignore` beside the
Dockerfile. A Dockerfile that copies single files alone needs none.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, ScalarNode
from seatrial.lint.documents import ComposeDocument, ComposeService, Instruction, scalar
from seatrial.lint.helpers.builds import context_folder, dockerfile_of, dockerfile_path
from seatrial.lint.helpers.layers import inner
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: ComposeDocument) -> Iterator[Hit]:
    told: set[str] = set()
    for service in document.services.values():
        folder = _context(document, service) if service.node.get("build") is not None else None
        dockerfile = dockerfile_of(document, service) if folder else None
        if folder is None or dockerfile is None or folder in told:
            continue
        paths = document.repository.paths
        own = f"{dockerfile_path(document, service)}.dockerignore"
        if own in paths or posixpath.normpath(posixpath.join(folder, ".dockerignore")) in paths:
            continue
        if any(_takes_folder(line, folder, document) for line in dockerfile.instructions):
            told.add(folder)
            what = f"the build of {service.name} takes whole folders: no .dockerignore in {folder}"
            yield Hit(service.key_span("build"), what)


def _context(document: ComposeDocument, service: ComposeService) -> str | None:
    build = service.get("build")
    node = build if isinstance(build, ScalarNode) else inner(service, "build", "context")
    if isinstance(build, MapNode) and node is None:
        return None
    return context_folder(document, scalar(node) or ".") or None


def _takes_folder(line: Instruction, context: str, document: ComposeDocument) -> bool:
    """Return whether an instruction copies a whole folder of the build context."""
    if line.word not in ("COPY", "ADD") or "--from=" in line.value or "<<" in line.value:
        return False
    sources = [w.strip('[]",') for w in line.value.split() if not w.startswith("--")][:-1]
    folders = document.repository.folders
    return any(
        posixpath.normpath(posixpath.join(context, source.lstrip("/") or ".")) in folders
        for source in sources
        if "$" not in source
    )


RULE = Rule(
    code="SEA210",
    name="context-without-dockerignore",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="write a .dockerignore with what no image needs",
    of=ComposeDocument,
    check=_check,
)
