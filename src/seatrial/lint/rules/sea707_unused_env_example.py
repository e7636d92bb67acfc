"""An example of an env file lists a variable that nothing reads.

## Why

Whoever copies the file fills in a value and wonders what it does. It is what a service leaves
behind that was removed by hand.

## Example

```sh
# file: deploy/dev/.env.example
API_PORT=8000
BILLING_PORT=8001
```

```yaml
# file: deploy/dev/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "${API_PORT:-8000}:8000"
```

## Better

```sh
# file: deploy/dev/.env.example
API_PORT=8000
```

```yaml
# file: deploy/dev/docker-compose.yml
services:
  api:
    image: example/api:1.4
    ports:
      - "${API_PORT:-8000}:8000"
```

## Mend

Remove the line. Only examples below `deploy/` are looked at: elsewhere programs may read the file
themselves. Where a service takes the whole file (`env_file: .env`), nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from seatrial.lint.documents import ComposeDocument, EnvFileDocument, MakefileDocument
from seatrial.lint.helpers.envfiles import is_example
from seatrial.lint.model import Category, Edit, Fix, Hit, Rule, Severity, Span, Tier

_LINE = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=.*(?:\r?\n|\Z)", re.MULTILINE
)
# What Compose and the engine read themselves.
_OURS = ("COMPOSE_", "DOCKER_", "BUILDKIT_", "SEATRIAL_", "TEST_INSTANCE_ID")


def _check(document: EnvFileDocument) -> Iterator[Hit]:
    if not is_example(document.path.name):
        return
    texts = _texts(document)
    if not texts or any("env_file" in text for text in texts):
        return
    read = frozenset(word for text in texts for word in re.findall(r"[A-Za-z_]\w*", text))
    for line in _LINE.finditer(document.text):
        name = line["name"]
        if name not in read and not name.startswith(_OURS):
            fix = Fix((Edit(Span(line.start(), line.end()), ""),), ((name,),))
            yield Hit(Span(*line.span("name")), f"nothing reads {name}", fix=fix)


def _texts(document: EnvFileDocument) -> list[str]:
    """Return the compose files of the folder, then the Makefiles and scripts that go with it."""
    documents, folder = document.repository.documents, document.path.parent
    beside = (documents.get(path) for path in _files(document, folder))
    compose = [found.text for found in beside if isinstance(found, ComposeDocument)]
    places = [at for upper in (folder, *folder.parents) for at in (upper, upper / "scripts")]
    upwards = (documents.get(path) for at in places for path in _files(document, at))
    other = [found.text for found in upwards if isinstance(found, MakefileDocument)]
    return compose + other if compose else []


def _files(document: EnvFileDocument, folder: Path) -> list[str]:
    names = document.repository.names_in(folder.as_posix())
    return [(folder / name).as_posix() for name in names]


RULE = Rule(
    code="SEA707",
    name="unused-env-example",
    severity=Severity.WARNING,
    category=Category.REPOSITORY,
    mend="remove the line",
    of=EnvFileDocument,
    check=_check,
    tiers=frozenset({Tier.DEV, Tier.TEST, Tier.PROD}),
)
