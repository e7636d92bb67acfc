"""A service runs to its end, and nothing waits for that end.

## Why

`docker compose up --wait` waits until every service runs or is healthy. One that has done its work
and gone, such as a migration, then counts as failed, exit code 0 or not. Only where another service
depends on it with `condition: service_completed_successfully` does Compose wait for its end. With
`restart: always` it even begins again and again.

## Example

```yaml
services:
  migrate:
    image: example/api:1.4
    command: ["alembic", "upgrade", "head"]
    restart: always
```

## Better

```yaml
services:
  migrate:
    image: example/api:1.4
    command: ["alembic", "upgrade", "head"]
  api:
    image: example/api:1.4
    depends_on:
      migrate:
        condition: service_completed_successfully
```

## Mend

Let the services that need its work depend on it with `service_completed_successfully`, or give it a
profile and run it with `docker compose run`. Without `restart: always` it is only a finding where a
Makefile, script or workflow of the repository calls `up --wait`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument, ComposeService
from seatrial.lint.helpers.commands import run_by, shell_text
from seatrial.lint.helpers.dependencies import one_shots
from seatrial.lint.helpers.layers import extends, includes
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.kinds import Kind, kind_of
from seatrial.lint.model import Category, Hit, Rule, Severity

_ENDS = re.compile(
    r"\b(?:alembic upgrade|manage\.py (?:migrate|collectstatic|loaddata)|prisma (?:migrate deploy"
    r"|db push)|flyway (?:\S+ )*migrate|knex migrate:\S+|rails db:\w+|rake db:\w+|dbmate up"
    r"|sqlx migrate run|diesel migration run|python3? -m [\w.]+\.(?:migrate|seed))"
    r"(?:\s+[^\s&;|]+)*\s*$"
)
_WAITS = re.compile(r"\bcompose\b.*\bup\b.*\s--wait\b")


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        if service.base or extends(service) or not _ends(service):
            continue
        if service.get("profiles") is not None or service.name in one_shots(document):
            continue
        if value_of(service.get("restart")) in ("always", "unless-stopped"):
            what = f"{service.name} runs to its end and is started again for ever"
            yield Hit(service.key_span("restart"), what, mend="remove restart")
        elif not includes(document) and _waiting(document):
            what = f"{service.name} runs to its end, which up --wait takes for a failure"
            yield Hit(service.span, what)


def _ends(service: ComposeService) -> bool:
    words = run_by(service)
    text = shell_text(words) or " ".join(words)
    return _ENDS.search(text) is not None and not re.search(r"[|]|(?<!&)&(?!&)", text)


def _waiting(document: ComposeDocument) -> bool:
    """Return whether something of the repository calls ``up --wait``."""
    repository = document.repository
    callers = (p for p in repository.paths if kind_of(p) in (Kind.MAKEFILE, Kind.WORKFLOW))
    return any(_WAITS.search(repository.texts.get(path, "")) for path in callers)


RULE = Rule(
    code="SEA204",
    name="one-shot-fails-up-wait",
    severity=Severity.WARNING,
    category=Category.RUNTIME,
    mend="let what needs it depend on it with condition: service_completed_successfully",
    of=ComposeDocument,
    check=once(_check),
)
