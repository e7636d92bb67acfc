"""Plain values as YAML in the style of our own files: comments above, short lists in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seatrial.composefile.scalars import plain_value

Value: TypeAlias = (
    "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | Noted | Line | None"
)

_BARE = re.compile(r"-{0,2}[A-Za-z0-9_./$~][A-Za-z0-9_./$~{}:+@=-]*(?: [A-Za-z0-9_./$~{}:+@=-]+)*")
# Booleans to older readers of YAML.
_OLD_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


@dataclass(frozen=True, slots=True)
class Noted:
    """A value under a comment."""

    comment: str
    value: Value


@dataclass(frozen=True, slots=True)
class Line:
    """A list in one line."""

    items: Sequence[str]


def yaml_text(document: Mapping[str, Value], head: Sequence[str] = ()) -> str:
    """Return a document under the comment lines ``head``; sections stand apart."""
    lines = [f"# {line}" if line else "#" for line in head]
    for key, value in document.items():
        inner = value.value if isinstance(value, Noted) else value
        if lines and isinstance(inner, Mapping) and not isinstance(inner, str):
            lines.append("")
        lines += _entry(key, value, 0, apart=key == "services")
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Value, depth: int, *, apart: bool = False) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Noted):
        yield f"{pad}# {value.comment}"
        value = value.value
    name = scalar(key)
    if isinstance(value, Mapping):
        if not value:
            yield f"{pad}{name}: {{}}"
            return
        yield f"{pad}{name}:"
        for number, (inner, item) in enumerate(value.items()):
            if apart and number:
                yield ""
            yield from _entry(inner, item, depth + 1)
    elif isinstance(value, Line):
        yield f"{pad}{name}: [{', '.join(_quoted(item) for item in value.items)}]"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            yield f"{pad}{name}: []"
            return
        yield f"{pad}{name}:"
        for item in value:
            yield from _item(item, depth + 1)
    else:
        yield f"{pad}{name}: {scalar(value)}".rstrip()


def _item(value: Value, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, Noted):
        yield f"{pad}# {value.comment}"
        value = value.value
    if isinstance(value, Mapping) and value:
        lines = [line for key, item in value.items() for line in _entry(key, item, 0)]
        yield f"{pad}- {lines[0]}"
        yield from (f"{pad}  {line}" for line in lines[1:])
    elif isinstance(value, Line):
        yield f"{pad}- [{', '.join(_quoted(item) for item in value.items)}]"
    elif isinstance(value, str):
        yield f"{pad}- {scalar(value)}"
    else:
        yield f"{pad}- {json.dumps(value, ensure_ascii=False)}"


def scalar(value: Value) -> str:
    """Return one value on one line, quoted where it would mean something else without."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    bare = _BARE.fullmatch(value) and ": " not in f"{value} "
    # A date is a text to Compose, and something else to others.
    is_text = bare and type(plain_value(value)) is str and value.lower() not in _OLD_WORDS
    return value if is_text else _quoted(value)


def _quoted(text: str) -> str:
    if '"' in text and text.isprintable() and "'" not in text:
        return f"'{text}'"
    # YAML's double quotes take what JSON's do.
    return json.dumps(text, ensure_ascii=False)
