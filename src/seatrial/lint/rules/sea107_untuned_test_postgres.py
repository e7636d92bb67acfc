"""PostgreSQL of a test environment waits for its disk.

## Why

A test database is thrown away, so nothing is won by waiting until a commit is safe. `fsync`,
`synchronous_commit` and `full_page_writes` make it wait with every commit, which is most of the
time that a test with many small transactions takes.

## Example

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    tmpfs:
      - /var/lib/postgresql/data
```

## Better

```yaml
# file: deploy/test/docker-compose.yml
services:
  database:
    image: postgres:17
    command: postgres -c fsync=off -c synchronous_commit=off -c full_page_writes=off
    tmpfs:
      - /var/lib/postgresql/data
```

## Mend

Add the `command` above. A service with a command of its own, or with a configuration file, keeps
it: add what is missing there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.composefile.tree import MapNode
from seatrial.lint.documents import ComposeDocument, ComposeService, words
from seatrial.lint.helpers.images import server_of
from seatrial.lint.helpers.layers import extends
from seatrial.lint.helpers.mending import added
from seatrial.lint.helpers.mounts import mounts_of
from seatrial.lint.helpers.variables import value_of
from seatrial.lint.model import Category, Fix, Hit, Rule, Severity, Tier

_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
_LINE = "command: postgres " + " ".join(f"-c {name}=off" for name in _SETTINGS)


def _check(document: ComposeDocument) -> Iterator[Hit]:
    for service in document.services.values():
        server = server_of(service)
        if server is None or server.kind != "postgres" or service.base or extends(service):
            continue
        said = _said(service)
        missing = [name for name in _SETTINGS if not _off(name, said)]
        if missing and not _configured(service, said):
            yield Hit(
                service.key_span("command" if "command" in service.node.items else "image"),
                f"{service.name} waits for its disk: {', '.join(missing)} not off",
                fix=_fix(document, service),
            )


def _said(service: ComposeService) -> str:
    keys = ("entrypoint", "command")
    told = [value_of(word) for key in keys for word in words(service.get(key))]
    environment = service.get("environment")
    if isinstance(environment, MapNode):
        told.append(value_of(environment.get("POSTGRES_INITDB_ARGS")))
    told += [value_of(item) for item in words(environment)]
    return " ".join(told)


def _off(name: str, said: str) -> bool:
    if name == "fsync" and re.search(r"(?:^|\s)-F(?:\s|$)", said):
        return True
    spelled = name.replace("_", "[_-]")
    return bool(re.search(rf"{spelled}\s*=\s*['\"]?(?:off|false|0|no)\b", said))


def _configured(service: ComposeService, said: str) -> bool:
    """Return whether a file may say it."""
    return (
        "config_file" in said
        or bool(list(words(service.get("env_file"))))
        or any(entry.target.endswith((".conf", ".sh")) for entry in mounts_of(service))
        or service.get("configs") is not None
        or service.get("entrypoint") is not None
    )


def _fix(document: ComposeDocument, service: ComposeService) -> Fix | None:
    if service.get("command") is not None or "image" not in service.node.items:
        return None
    return added(document, ("services", service.name), "image", _LINE)


RULE = Rule(
    code="SEA107",
    name="untuned-test-postgres",
    severity=Severity.WARNING,
    category=Category.PATTERN,
    mend="start it with -c fsync=off -c synchronous_commit=off -c full_page_writes=off",
    of=ComposeDocument,
    check=_check,
    tiers=frozenset({Tier.TEST}),
)
