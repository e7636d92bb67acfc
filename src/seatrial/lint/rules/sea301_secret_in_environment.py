"""A secret is in the environment of a service, where a file would hide it.

## Why

Everybody who may ask the engine reads it with `docker inspect`; every process that the service
starts inherits it, and crash reports like to print it. A literal value is in git besides. A secret
that is mounted as a file is seen by the one service that gets it.

## Example

```yaml
# file: deploy/prod/docker-compose.yml
services:
  database:
    image: postgres:17
    environment:
      POSTGRES_PASSWORD: ${POSTGRES_PASSWORD}
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

Declare it under `secrets:` and let the program read the file: official images take a name that
ends in `_FILE`. In development and tests only keys of the shape that providers give out are found;
such a one that was committed is known to others and has to be revoked.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.lint.documents import ComposeDocument
from seatrial.lint.helpers.environment import Variable, variables
from seatrial.lint.helpers.once import once
from seatrial.lint.helpers.secrets import looks_real, names_secret, url_password
from seatrial.lint.model import Category, Hit, Rule, Severity, Tier


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        for variable in variables(service.node.get("environment")):
            if looks_real(variable.raw or ""):
                what = f"{variable.name} of {service.name} holds a key that some provider gave out"
                mend = "revoke it, and give the new one as a file under secrets:"
                yield Hit(variable.span, what, mend=mend)
            elif document.tier is Tier.PROD and _is_secret(variable):
                what = f"{variable.name} of {service.name} is a secret in the environment"
                yield Hit(variable.span, what)


def _is_secret(variable: Variable) -> bool:
    return names_secret(variable) or bool(url_password(variable))


RULE = Rule(
    code="SEA301",
    name="secret-in-environment",
    severity=Severity.WARNING,
    category=Category.SECURITY,
    mend="declare it under secrets: and let the program read the file",
    of=ComposeDocument,
    check=once(_check),
)
