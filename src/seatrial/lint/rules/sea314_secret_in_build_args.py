"""A secret is given to a build as an argument, and stays in the image.

## Why

`docker history` shows the arguments of every step: whoever may pull the image reads the secret. A
secret of the build is there for one `RUN` and in no layer.

## Example

```yaml
services:
  api:
    build:
      context: .
      args:
        NPM_TOKEN: ${NPM_TOKEN}
```

## Better

```yaml
services:
  api:
    build:
      context: .
      secrets:
        - npm-token

secrets:
  npm-token:
    environment: NPM_TOKEN
```

## Mend

Declare it under the top-level `secrets:`, name it in `build.secrets`, and write
`RUN --mount=type=secret,id=npm-token …` in the Dockerfile.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.environment import variables
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.secrets import looks_real, names_secret, url_password
from seatrial.lint.model import Category, Hit, Rule, Severity


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        build = service.node.get("build")
        args = build.get("args") if isinstance(build, MapNode) else None
        for arg in variables(args):
            if names_secret(arg) or url_password(arg) or looks_real(arg.raw or ""):
                yield Hit(arg.span, f"{arg.name} stays in the image of {service.name}")


RULE = Rule(
    code="SEA314",
    name="secret-in-build-args",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="use build.secrets, and RUN --mount=type=secret in the Dockerfile",
    of=ComposeDocument,
    check=once(_check),
)
