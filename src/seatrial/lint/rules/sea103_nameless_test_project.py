"""A test environment has no `name:`, and there are other folders called `test`.

## Why

Compose calls a project without a name after its folder. Every `deploy/test` is then the project
`test`: the tests of one service remove the containers of another one's as orphans, or stop them.

## Example

```yaml
# file: services/api/deploy/test/docker-compose.yml
services:
  api:
    image: example/api:1.4
```

```yaml
# file: services/worker/deploy/test/docker-compose.yml
services:
  worker:
    image: example/worker:1.4
```

## Better

```yaml
# file: services/api/deploy/test/docker-compose.yml
name: shop-api-test-${TEST_INSTANCE_ID:-local}
services:
  api:
    image: example/api:1.4
```

```yaml
# file: services/worker/deploy/test/docker-compose.yml
name: shop-worker-test-${TEST_INSTANCE_ID:-local}
services:
  worker:
    image: example/worker:1.4
```

## Mend

Give the file a `name:` of its own with the instance in it. `seatrial test` gives every environment
its own name anyway; who runs `docker compose` by hand or in a script has only this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.layers import trees
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    if document.base or any(tree.get("name") is not None for tree in trees(document)):
        return
    services = document.root.keys.get("services")
    folder = document.path.parent
    alike = document.repository.compose_folders.get(folder.name, ())
    other = next((each for each in alike if each != folder.as_posix()), "")
    if services is not None and other:
        yield Hit(
            Span(*services.span),
            f"the project has no name, so Compose calls it {folder.name}, as it does {other}",
        )


RULE = Rule(
    code="SEA103",
    name="nameless-test-project",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="add name: <project>-test-${TEST_INSTANCE_ID:-local} at the top",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.TEST}),
)
