"""``docs/reference/events.md``, made from the event classes themselves.

``python -m seatrial.render.events_doc > docs/reference/events.md`` writes it anew; a unit test
holds the file to the code.
"""

from __future__ import annotations

import inspect
import json
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from seatrial import events
from seatrial.model.project import Stage
from seatrial.model.result import Outcome, TestResult

_NAMES: Mapping[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_HEAD = """\
# Event lines

`seatrial test --output json` writes one JSON object a line to standard output and flushes each.
`v` is the version of this schema ({version}), `event` the kind. A later writer of the same version
may add fields and kinds: ignore what you do not know. A field is never taken away or given another
meaning without a new version.

`at` is seconds since the run began. Stages are {stages}. Secret values are replaced by `***`.

```json
{example}
```

This page is generated: `python -m seatrial.render.events_doc > docs/reference/events.md`.
"""


def events_reference() -> str:
    """Return the page."""
    example = events.TestFinished(
        3.1, "unit:catalog", TestResult("tests/unit/test_x.py::test_y", Outcome.PASSED, 0.02)
    )
    head = _HEAD.format(
        version=events.SCHEMA_VERSION,
        stages=", ".join(f"`{stage.value}`" for stage in Stage),
        example=events.to_json(example),
    )
    parts = [head, "## Kinds\n"]
    kinds = typing.get_args(events.Event)
    nested: dict[type[Any], None] = {}
    parts += [_table(kind, nested) for kind in kinds]
    parts.append("## What they hold\n")
    words: dict[type[StrEnum], None] = {}
    # The list grows while it is walked: what is nested may nest more.
    waiting = list(nested)
    for kind in waiting:
        if issubclass(kind, StrEnum):
            words[kind] = None
            continue
        found: dict[type[Any], None] = {}
        parts.append(_table(kind, found))
        waiting += [k for k in found if k not in waiting]
    parts.append("## Words\n")
    parts += [_words(kind) for kind in words]
    return "\n".join(parts)


def _table(kind: type[Any], nested: dict[type[Any], None]) -> str:
    hints = typing.get_type_hints(kind)
    rows = "\n".join(
        f"| `{f.name}` | {_type(hints[f.name], nested)} | {_default(f)} |" for f in fields(kind)
    )
    head = f"### {kind.__name__}\n\n{_prose(kind)}\n"
    return f"{head}\n| field | type | where absent |\n| --- | --- | --- |\n{rows}\n"


def _words(kind: type[StrEnum]) -> str:
    values = ", ".join(f"`{member.value}`" if member.value else '`""`' for member in kind)
    return f"### {kind.__name__}\n\n{_prose(kind)}\n\n{values}\n"


def _prose(kind: type[Any]) -> str:
    return (inspect.getdoc(kind) or "").replace("``", "`")


def _default(field: Field[Any]) -> str:
    if field.default is not MISSING:
        value = field.default
        shown = "null" if value is None else "[]" if value == () else json.dumps(value)
        return f"`{shown}`"
    return "required" if field.default_factory is MISSING else "empty"


def _type(hint: Any, nested: dict[type[Any], None]) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kept = [a for a in arguments if a is not type(None)]
        return " or ".join([*(_type(a, nested) for a in kept), "null"])
    if origin is tuple:
        inner = list(_tuple_types(arguments, nested))
        return f"array of {inner[0]}" if arguments[-1] is Ellipsis else f"[{', '.join(inner)}]"
    if origin is not None:
        return f"object of {_type(arguments[-1], nested)}"
    if hint in _NAMES:
        return _NAMES[hint]
    if is_dataclass(hint) or issubclass(hint, StrEnum):
        nested[hint] = None
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    raise TypeError(f"no words for {hint}")


def _tuple_types(arguments: tuple[Any, ...], nested: dict[type[Any], None]) -> Iterator[str]:
    for argument in arguments:
        if argument is not Ellipsis:
            yield _type(argument, nested)


if __name__ == "__main__":
    sys.stdout.write(events_reference())
