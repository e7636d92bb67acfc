"""A password of production is one that everybody tries first.

## Why

`postgres`, `admin` and `changeme` head every list that scanners work through. As a variable's
default such a word is as bad: it holds the day somebody forgets the variable, and nothing says so.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: ${DB_PASSWORD:-postgres}
```

## Better

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD_FILE: /run/secrets/database-password
    secrets:
      - database-password

secrets:
  database-password:
    file: ./secrets/database-password
```

## Mend

Give no default: a secret's file, or `${DB_PASSWORD:?set it}`, which refuses to start without.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.environment import Variable, variables
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.secrets import names_secret, url_password
from seatrial.lint.helpers.variables import with_defaults
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier

_WORDS = frozenset(
    (
        *("admin", "adminadmin", "changeit", "changeme", "change_me", "change-me", "changethis"),
        *("default", "dev", "example", "guest", "letmein", "minioadmin", "minio123", "mysecret"),
        *("mysql", "pass", "passw0rd", "password", "password1", "password123", "postgres", "redis"),
        *("postgresql", "root", "rootpassword", "s3cr3t", "secret", "test", "user", "welcome"),
        *("1234", "12345", "123456", "12345678", "qwerty", "toor"),
    )
)


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        for variable in variables(service.node.get("environment")):
            if _is_common(variable):
                what = f"{variable.name} of {service.name} is a password that everybody tries first"
                yield Hit(variable.span, what)


def _is_common(variable: Variable) -> bool:
    if variable.value.lower() in _WORDS:
        return names_secret(variable)
    return with_defaults(url_password(variable)).lower() in _WORDS


RULE = Rule(
    code="SEA312",
    name="default-password-in-prod",
    severity=Severity.ERROR,
    category=Category.SECURITY,
    mend="give no default: a secret's file, or ${NAME:?set it}",
    of=ComposeDocument,
    check=once(_check),
    tiers=frozenset({Tier.PROD}),
)
