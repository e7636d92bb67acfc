"""A compose file needs a variable that the example beside it does not list.

## Why

Without a value Compose warns and takes an empty text, or refuses with `${NAME:?}`. `.env.example`
is where people look for what to set, and a variable that is not in it is found by trial.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: registry.example.com/api:${VERSION:?which release}
```

```sh
# file: deploy/prod/.env.example
API_PORT=8000
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  api:
    image: registry.example.com/api:${VERSION:?which release}
```

```sh
# file: deploy/prod/.env.example
API_PORT=8000
VERSION=1.0.0
```

## Mend

List the variable in the example, or give it a default: `${VERSION:-dev}`. A dollar sign that is
meant for the program inside is written twice: `$$HOME`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, EnvFileDocument
from seatrial.lint.helpers.envfiles import is_example
from seatrial.lint.helpers.nodes import scalars
from seatrial.lint.helpers.variables import references
from seatrial.lint.model import Category, Hit, Rule, Severity, Span

# What a shell, a CI system, Compose or seatrial sets.
_GIVEN = re.compile(
    r"TEST_INSTANCE_ID|HOME|PWD|USER|UID|GID|HOSTNAME|PATH|SHELL|LOGNAME|LANG|TMPDIR|DISPLAY|CI"
    r"|SSH_AUTH_SOCK|(?:XDG|GITHUB|GITEA|CI|COMPOSE|DOCKER|BUILDKIT|SEATRIAL|WAYLAND)_\w+"
)


def _check(document: ComposeDocument) -> Iterator[Hit]:
    examples = _examples(document)
    if not examples:
        return
    said = frozenset(word for text in examples for word in re.findall(r"[A-Za-z_]\w*", text))
    seen: set[str] = set()
    for node in scalars(document.root):
        for reference in references(node.text):
            name = reference.name
            if reference.optional or name in said or name in seen or _GIVEN.fullmatch(name):
                continue
            seen.add(name)
            yield Hit(Span(*node.span), f"{name} is not in the .env.example of the folder")


def _examples(document: ComposeDocument) -> list[str]:
    """Return the texts of the examples beside the file."""
    repository = document.repository
    folder = document.path.parent.as_posix()
    prefix = "" if folder == "." else f"{folder}/"
    found = []
    for name in repository.names_in(folder):
        env = repository.documents.get(prefix + name) if is_example(name) else None
        if isinstance(env, EnvFileDocument):
            found.append(env.text)
    return found


RULE = Rule(
    code="SEA710",
    name="undocumented-variable",
    severity=Severity.WARNING,
    category=Category.REPOSITORY,
    mend="list it in .env.example, or give it a default",
    of=ComposeDocument,
    check=_check,
)
