"""A service with a Dockerfile is in some environments and not in others.

## Why

What is developed and tested and is not in production was forgotten there, and what runs in
production without being in the test environment is tested by nobody.

## Example

```dockerfile
# file: services/api/Dockerfile
FROM python:3.12-slim
```

```dockerfile
# file: services/billing/Dockerfile
FROM python:3.12-slim
```

```yaml
# file: deploy/dev/docker-compose.yml
services:
  api:
    build: ../../services/api
  billing:
    build: ../../services/billing
```

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/shop-api:1.4
```

## Better

```dockerfile
# file: services/api/Dockerfile
FROM python:3.12-slim
```

```dockerfile
# file: services/billing/Dockerfile
FROM python:3.12-slim
```

```yaml
# file: deploy/dev/docker-compose.yml
services:
  api:
    build: ../../services/api
  billing:
    build: ../../services/billing
```

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: example/shop-api:1.4
  billing:
    image: example/shop-billing:1.4
```

## Mend

Add the service to the environment. One that stands in for another (a mock, a stub, a fake) is not
missed in production, nor is one whose own `deploy/test` tests it missed in the whole's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, Repository, RepositoryDocument
from seatrial.lint.helpers.layers import includes
from seatrial.lint.helpers.services import built_in, composes, folder_of
from seatrial.lint.model import Category, Hit, Rule, Severity, Span, Tier

_STANDS_IN = re.compile(
    r"(?:^|[-_.])(?:mock|stub|fake|sim|simulator|test|tests|e2e|tool|tools)s?(?:$|[-_.])"
)


def _check(document: RepositoryDocument) -> Iterator[Hit]:
    repository = document.repository
    tiers = _tiers(repository)
    folders = [folder_of(repository, service) for service in repository.services]
    for folder in folders:
        name = folder.rpartition("/")[2]
        if f"{folder}/Dockerfile" not in repository.paths or _STANDS_IN.search(name):
            continue
        have = [tier for tier in tiers if _has(repository, tiers, tier, folder)]
        for tier in tiers if have else ():
            if tier in have or not any(
                _has(repository, tiers, tier, other) for other in folders if other != folder
            ):
                continue
            first = tiers[tier][0]
            where = first.root.keys.get("services")
            yield Hit(
                Span(*where.span) if where else Span(0, 0),
                f"{name} is in {_words(have)} and not in {tier}",
                f"add {name} to {first.path.as_posix()}",
                file=first.path.as_posix(),
            )


def _tiers(repository: Repository) -> dict[Tier, list[ComposeDocument]]:
    """Return the files of each environment of the whole; one with other files is left out."""
    found: dict[Tier, list[ComposeDocument]] = {}
    for document in composes(repository):
        if document.tier and document.path.parent.as_posix() == f"deploy/{document.tier}":
            found.setdefault(document.tier, []).append(document)
    return {t: files for t, files in found.items() if not any(includes(d) for d in files)}


def _has(
    repository: Repository,
    tiers: dict[Tier, list[ComposeDocument]],
    tier: Tier,
    folder: str,
) -> bool:
    if any(built_in(document, folder) for document in tiers[tier]):
        return True
    return tier is Tier.TEST and f"{folder}/deploy/test" in repository.folders


def _words(tiers: list[Tier]) -> str:
    return " and ".join(str(tier) for tier in tiers)


RULE = Rule(
    code="SEA706",
    name="service-in-no-environment",
    severity=Severity.WARNING,
    category=Category.REPOSITORY,
    mend="add the service to the environment",
    of=RepositoryDocument,
    check=_check,
)
