"""A service is built from a folder or a Dockerfile that is not there.

## Why

Whoever builds it gets an error, and with it the whole environment: Compose starts nothing when one
image cannot be built. It is what a service leaves behind that was removed by hand.

## Example

```yaml
# file: deploy/dev/docker-compose.yml
services:
  billing:
    build:
      context: ../../services/billing
```

## Better

```yaml
# file: deploy/dev/docker-compose.yml
services:
  billing:
    image: example/billing:1.4
```

## Mend

Remove the service with all that depends on it, or mend the path. `context` is relative to the
compose file, `dockerfile` to the context.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode, Node, ScalarNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import with_key
from seatrial.lint.helpers.places import lacks, resolved
from seatrial.lint.helpers.variables import settled, with_defaults
from seatrial.lint.model import Category, Hit, Rule, Severity, Span


def _check(document: ComposeDocument) -> Iterator[Hit]:
    repository = document.repository
    for service, build, names in with_key(document, "build"):
        context = build if isinstance(build, ScalarNode) else _inside(build, "context")
        folders = resolved(document, context.text if context else ".")
        span = Span(*context.span) if context else service.key_span("build")
        if lacks(repository, folders):
            yield Hit(span, f"{names} is built from {folders[0]}, which is not there")
            continue
        dockerfile = _inside(build, "dockerfile")
        if _inside(build, "dockerfile_inline") or (dockerfile and not settled(dockerfile.text)):
            continue
        if not context and service.base:
            continue
        name = with_defaults(dockerfile.text) if dockerfile else "Dockerfile"
        files = tuple(posixpath.normpath(posixpath.join(folder, name)) for folder in folders)
        if not name.startswith("/") and lacks(repository, files):
            where = Span(*dockerfile.span) if dockerfile else span
            yield Hit(where, f"{names} is built from {files[0]}, which is not there")


def _inside(build: Node, key: str) -> ScalarNode | None:
    value = build.get(key) if isinstance(build, MapNode) else None
    return value if isinstance(value, ScalarNode) else None


RULE = Rule(
    code="SEA701",
    name="missing-build-context",
    severity=Severity.ERROR,
    category=Category.REPOSITORY,
    mend="remove the service, or mend the path",
    of=ComposeDocument,
    check=_check,
)
