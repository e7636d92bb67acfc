"""The JSON Schema and the reference page, made of the table of keys.

``scripts/reference`` writes both into the repository; tests hold the files to this.
"""

from __future__ import annotations

import json
from typing import Any

from seatrial.config.spec import ROOT, Entry, Key, Table

_HEAD = """\
# seatrial.toml

<!-- Made by scripts/reference from src/seatrial/config/spec.py; edit that. -->

The file is optional: without it the layout is the configuration. It stands in the root of the
repository and overrides what discovery finds; it never repeats what a compose file says. An
unknown key is an error. [seatrial.schema.json](seatrial.schema.json) tells editors the same
rules: with Taplo or Even Better TOML, keep a copy of it and name it in the first line, after
`#:schema`.

```toml
[services.api]
runner = "pytest"

[services.api.unit]
env = { TZ = "UTC" }

[services.api.service]
setup = ["alembic upgrade head"]
boot-timeout = "3m"
exports.API_BASE = "http://{api.host}:{api.port}/v1"

[integration]
compose = ["deploy/test/docker-compose.yml", "deploy/test/mail.yml"]
command = ["sh", "-c", "python tests/wait.py && pytest tests/integration"]

[run]
timeout = "15m"

[process.providers]
"mailhog/mailhog" = "mailpit --smtp {host}:{port} --database {data}/mail.db"
```

- A **duration** is a number of seconds (`90`, `0.5`) or a text: `"500ms"`, `"90s"`, `"2m"`,
  `"1m30s"`, `"1h"`.
- A **command** is a text, split into words as a shell would split it, or a list of words. No shell
  reads it: what needs pipes, `&&` or `$NAME` is written `["sh", "-c", "…"]`.
- **Paths** are relative, with `/`: to the service's folder in `[services.NAME.…]`, else to the
  root.
"""


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the whole file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seatrial.toml",
        "description": "Overrides of what seatrial finds by the layout of a repository.",
        **_table_schema(ROOT, described=False),
    }


def schema_json() -> str:
    """Return :func:`schema` as the text that is published."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _table_schema(table: Table, *, described: bool = True) -> dict[str, Any]:
    made: dict[str, Any] = {"description": table.meaning} if described else {}
    made["type"] = "object"
    if table.free is not None:
        made["propertyNames"] = {"pattern": table.free_pattern}
        made["additionalProperties"] = _entry_schema(table.free)
    else:
        made["properties"] = {entry.name: _entry_schema(entry) for entry in table.entries}
        made["additionalProperties"] = False
    return made


def _entry_schema(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, Table):
        return _table_schema(entry)
    return {"description": entry.meaning, "examples": [entry.kind.example], **entry.kind.schema}


def reference() -> str:
    """Return ``docs/reference/configuration.md``."""
    sections = [_HEAD]
    for entry in ROOT.entries:
        sections += _sections(entry, "")
    return "\n".join(sections)


def _sections(entry: Entry, prefix: str) -> list[str]:
    if isinstance(entry, Key):
        return []
    name = f"{prefix}{entry.name}"
    rows = [row for inner in _inner(entry) for row in _rows(inner)]
    made = []
    if rows:
        head = ["| key | value | default | meaning |", "|---|---|---|---|"]
        made = [f"## `[{name}]`", "", entry.meaning, "", *head, *rows, ""]
    for inner in _inner(entry):
        if not _rows(inner):
            made += _sections(inner, f"{name}.")
    return made


def _inner(table: Table) -> tuple[Entry, ...]:
    return (table.free,) if table.free is not None else table.entries


def _rows(entry: Entry) -> list[str]:
    """Return the row of a key; a small table of free names (``env``) is a row as well."""
    name, meaning = entry.name, entry.meaning
    if isinstance(entry, Table):
        if not isinstance(entry.free, Key):
            return []
        name, entry = f"{entry.name}.{entry.free.name}", entry.free
    default = f"`{entry.default}`" if entry.default.startswith('"') else entry.default
    return [f"| `{name}` | {entry.kind.words} | {default or '—'} | {meaning} |"]
